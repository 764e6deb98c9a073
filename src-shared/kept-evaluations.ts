import { z } from 'zod'
import {
  answerResultSchema,
  benchmarkNames,
  benchmarkTitles,
  type QuestionResult,
  unansweredRules,
} from './answer-results.ts'
import { idSchema } from './id.ts'
import { metricCardSchema } from './metric-card.ts'
import { resizingNames } from './resizings.ts'

/** What is scored on request and kept in the home: answers to a benchmark, or pictures of any system. */

const path = z.string().min(1).max(4096)

/** Who answers. */
export const answererSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('file'),
    /** Official JSON, LLaVA JSON lines, or a table with index and prediction. */
    path,
    /** What is done about answers to questions that are not in the benchmark. */
    unknown: z.enum(['refuse', 'ignore']).default('refuse'),
  }),
  z.strictObject({
    kind: z.literal('run'),
    run: idSchema,
    /** The first so many questions; 0: all. */
    limit: z.int().min(0).default(0),
    /** Most tokens of an answer. */
    newTokens: z.int().min(1).max(2048).default(128),
  }),
])

export const askedAnswersSchema = z.strictObject({
  kind: z.literal('answers'),
  benchmark: z.enum(benchmarkNames),
  /** Official files, as docs/answers.md lists them. */
  questions: z.array(path).min(1).max(8),
  annotations: z.array(path).max(8).default([]),
  /** ScienceQA's split; '' for its own. */
  questionSplit: z.string().max(80).default(''),
  /** TextVQA's file of OCR tokens; '' without. */
  ocr: z.string().max(4096).default(''),
  /** Folder of the pictures; '' if there is none. */
  images: z.string().max(4096).default(''),
  by: answererSchema,
  /** null: as the benchmark's own scoring does. */
  unanswered: z.enum(unansweredRules).nullable().default(null),
})
export type AskedAnswers = z.infer<typeof askedAnswersSchema>

/** What pictures are compared with. */
export const askedReferenceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('folder'), path }),
  /** .npz of mean and covariance. */
  z.strictObject({ kind: z.literal('statistics'), path }),
  z.strictObject({ kind: z.literal('run'), run: idSchema, split: z.enum(['training', 'held-out']) }),
])

export const askedPicturesSchema = z.strictObject({
  kind: z.literal('pictures'),
  /** Folder of the pictures. */
  images: path,
  reference: askedReferenceSchema.nullable(),
  /** Samples (gFID), or reconstructions of the reference's pictures of the same names (rFID). */
  role: z.enum(['samples', 'reconstructions']),
  /** ONNX file of an extractor, and its name; null: the packaged MobileNetV2. */
  extractor: z
    .strictObject({ name: z.string().min(1).max(80), path })
    .nullable()
    .default(null),
  /** Instead of the extractor's own; '' for its own. */
  resize: z.enum(['', ...resizingNames]).default(''),
  /** Side to which pictures are cropped and scaled first; 0: their own size. */
  side: z.int().min(0).max(4096).default(0),
  /** Weights of VGG16 and LPIPS; '' without. */
  lpips: z.string().max(4096).default(''),
  /** CLIP's text side (ONNX), its tokenizer.json, and a JSON file of captions ('': the .txt beside each picture). */
  clip: z
    .strictObject({ text: path, tokenizer: path, captions: z.string().max(4096) })
    .nullable()
    .default(null),
  seed: z.int().min(0).default(0),
})
export type AskedPictures = z.infer<typeof askedPicturesSchema>

export const askedEvaluationSchema = z.discriminatedUnion('kind', [askedAnswersSchema, askedPicturesSchema])
export type AskedEvaluation = z.infer<typeof askedEvaluationSchema>

/** asked.json of a kept evaluation: written before it begins. */
export const evaluationOrderSchema = z.strictObject({ createdAt: z.number(), asked: askedEvaluationSchema })

/** result.json: written when it is done. */
export const evaluationResultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('answers'), finishedAt: z.number(), result: answerResultSchema }),
  z.strictObject({
    kind: z.literal('pictures'),
    finishedAt: z.number(),
    cards: z.array(metricCardSchema),
    /** Pictures that could not be read: how many, and the first of them. */
    unreadable: z.strictObject({ count: z.int(), first: z.array(z.string()) }),
  }),
])
export type EvaluationResult = z.infer<typeof evaluationResultSchema>

/** One kept evaluation. */
export interface KeptEvaluation {
  id: string
  createdAt: number
  asked: AskedEvaluation
  /** null: it was stopped, or has not been begun. */
  result: EvaluationResult | null
  /** Questions that a run has answered; null where no run is asked, and once it is done. */
  answered: number | null
  isBeingScored: boolean
}

/**
 * What it is of, in a few words: "POPE: answers.jsonl", "Pictures: samples".
 * @param nameOf a run's name by its id
 */
export function evaluationTitle(
  asked: AskedEvaluation,
  nameOf: (run: string) => string = (run) => `run ${run}`,
): string {
  const last = (text: string) => text.replace(/[/\\]+$/, '').replace(/^.*[/\\]/, '')
  if (asked.kind === 'pictures') return `Pictures: ${last(asked.images)}`
  return `${benchmarkTitles[asked.benchmark]}: ${asked.by.kind === 'run' ? nameOf(asked.by.run) : last(asked.by.path)}`
}

/** Which questions of a listing. */
export const questionFilters = ['all', 'wrong', 'partly', 'right', 'unanswered'] as const
export type QuestionFilter = (typeof questionFilters)[number]

/** Which of the filters a question is of, beside "all". */
export const questionKind = ({
  answer,
  score,
}: Pick<QuestionResult, 'answer' | 'score'>): Exclude<QuestionFilter, 'all'> =>
  answer === null ? 'unanswered' : score <= 0 ? 'wrong' : score < 1 ? 'partly' : 'right'

/** A question of a listing, with its place among all of the evaluation. */
export type ListedQuestion = QuestionResult & { place: number }
