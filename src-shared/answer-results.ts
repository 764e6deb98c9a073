import { z } from 'zod'
import { metricCardSchema } from './metric-card.ts'

/** Benchmarks of questions about pictures that are scored as their authors score them. */
export const benchmarkNames = ['vqav2', 'vizwiz', 'scienceqa', 'textvqa', 'pope', 'mmbench', 'mmbench-cn'] as const
export type BenchmarkName = (typeof benchmarkNames)[number]

/** As papers call them. */
export const benchmarkTitles: Readonly<Record<BenchmarkName, string>> = {
  vqav2: 'VQAv2',
  vizwiz: 'VizWiz',
  scienceqa: 'ScienceQA',
  textvqa: 'TextVQA',
  pope: 'POPE',
  mmbench: 'MMBench',
  'mmbench-cn': 'MMBench-CN',
}

/** Whether a benchmark's file holds its pictures; those of the others lie in a folder. */
export const holdsPictures = (name: BenchmarkName): boolean => name === 'mmbench' || name === 'mmbench-cn'

export const answerMetricNames = [
  'vqa-accuracy',
  'accuracy',
  'precision',
  'recall',
  'f1',
  'yes-ratio',
  'circular-accuracy',
  'vanilla-accuracy-first',
  'vanilla-accuracy-all',
] as const
export type AnswerMetricName = (typeof answerMetricNames)[number]

/** What each figure is; all are percentages. */
export const answerMetrics: Readonly<
  Record<AnswerMetricName, { label: string; definition: string; better: 'higher' | 'none' }>
> = {
  'vqa-accuracy': {
    label: 'VQA accuracy',
    definition:
      'Mean over questions; of one, the mean over its human answers of min(1, matches among the others / 3), after the normalisation of the benchmark’s own tools.',
    better: 'higher',
  },
  accuracy: {
    label: 'Accuracy',
    definition: 'Share of the questions whose answer is the right one.',
    better: 'higher',
  },
  precision: {
    label: 'Precision',
    definition: 'Share of the answers “yes” that are right; 0 if there is no “yes”.',
    better: 'higher',
  },
  recall: {
    label: 'Recall',
    definition: 'Share of the questions labelled “yes” that are answered “yes”; 0 if there are none.',
    better: 'higher',
  },
  f1: {
    label: 'F1',
    definition: 'Harmonic mean of precision and recall of “yes”; 0 if no “yes” is right.',
    better: 'higher',
  },
  'yes-ratio': { label: 'Yes ratio', definition: 'Share of the answers that are “yes”.', better: 'none' },
  'circular-accuracy': {
    label: 'Circular accuracy',
    definition: 'Share of the questions that are answered right in every rotation of their options that there is.',
    better: 'higher',
  },
  'vanilla-accuracy-first': {
    label: 'Vanilla accuracy',
    definition: 'Share of the questions that are answered right with their options as they stand first.',
    better: 'higher',
  },
  'vanilla-accuracy-all': {
    label: 'Vanilla accuracy of all rotations',
    definition: 'Share of all rotations of all questions that are answered right.',
    better: 'higher',
  },
}

/** A figure of all questions, or of those of one group. */
export const answerFigureSchema = z.object({
  metric: z.enum(answerMetricNames),
  /** What the questions are grouped by, such as “split”, “question type” or “category”; '' for all of them. */
  by: z.string(),
  /** The group, such as “random”; '' for all questions. A mean over groups says so in “by”. */
  group: z.string(),
  /** 0 to 100. */
  percent: z.number(),
  /** Number of questions that it is the figure of: for circular accuracy, of questions without their rotations. */
  questions: z.int(),
})
export type AnswerFigure = z.infer<typeof answerFigureSchema>

/** Something that was not as it should be: how often, and the first places. */
export const answerWarningSchema = z.object({
  /** A sentence. */
  message: z.string(),
  count: z.int(),
  first: z.array(z.string()),
})
export type AnswerWarning = z.infer<typeof answerWarningSchema>

/** "Questions without an answer count as wrong. (3: 17, 18, 21)" */
export const warningText = ({ message, count, first }: AnswerWarning): string =>
  `${message} (${[String(count), ...(first.length > 0 ? [`${first.join(', ')}${count > first.length ? ', …' : ''}`] : [])].join(': ')})`

/** What is done about questions without an answer. */
export const unansweredRules = ['refuse', 'wrong', 'leave-out'] as const
export type UnansweredRule = (typeof unansweredRules)[number]

/** How a system did on a benchmark. */
export const answerResultSchema = z.object({
  benchmark: z.enum(benchmarkNames),
  /** Who answered: a run, or the name of a file of answers. */
  system: z.string(),
  questions: z.int(),
  answered: z.int(),
  /** Whether answers went through LLaVA’s answer processor first, as they do before it hands them in. */
  preparation: z.enum(['none', 'evalai']),
  /** What was done about questions without an answer. */
  unanswered: z.enum(unansweredRules),
  /** The figure that tables print. */
  headline: answerFigureSchema,
  /** That of all questions first; then groups, in the order of their names. */
  figures: z.array(answerFigureSchema),
  warnings: z.array(answerWarningSchema),
  /** Of the headline. */
  card: metricCardSchema,
})
export type AnswerResult = z.infer<typeof answerResultSchema>

/** One question with its answer and what that counted. */
export const questionResultSchema = z.object({
  id: z.string(),
  question: z.string(),
  /** Texts of A, B, C and so on; none where the answer is free. */
  options: z.array(z.string()),
  /** As it was given; null if there is none. */
  answer: z.string().nullable(),
  /** What the scoring read in it: the normalised answer, “yes” or “no”, or a letter; null if it could read nothing. */
  read: z.string().nullable(),
  /** What people answered, or the right answer alone. */
  truth: z.array(z.string()),
  /** 0 to 1. */
  score: z.number(),
  /** File name of the picture, or the row of the table that holds it; '' for a question without one. */
  image: z.string(),
  /** The groups that the question is of, by what they group by. */
  groups: z.record(z.string(), z.string()),
})
export type QuestionResult = z.infer<typeof questionResultSchema>
