import { eventIterator, type } from '@orpc/contract'
import { z } from 'zod'
import {
  type CodebookEvaluationEvent,
  codebookEvaluationSchema,
  type MeasuredCodebook,
  type MeasuringProgress,
} from '../codebook-evaluation.ts'
import {
  askedEvaluationSchema,
  type KeptEvaluation,
  type ListedQuestion,
  type QuestionFilter,
  questionFilters,
} from '../kept-evaluations.ts'
import { id, procedure } from './procedure.ts'

export const evaluations = {
  /** What was last measured of a run's codebook; null if nothing was. */
  codebook: procedure.input(id).output(type<MeasuredCodebook | null>()),
  /** Measures it anew, in a process of its own; ends with the figures, which are kept. Whose reader goes stops it. */
  measureCodebook: procedure
    .input(id.extend({ asked: codebookEvaluationSchema }))
    .output(eventIterator(type<CodebookEvaluationEvent>())),

  /** Answers and pictures that were scored here, newest first; and those whose files cannot be read. */
  list: procedure.output(type<{ evaluations: KeptEvaluation[]; unreadable: { id: string; why: string }[] }>()),
  get: procedure.input(id).output(type<KeptEvaluation>()),
  /** Keeps what is to be scored; `score` does it. */
  create: procedure.input(z.object({ asked: askedEvaluationSchema })).output(type<{ id: string }>()),
  /** Does it, in a process of its own, or goes on with it where it was stopped. Ends when the result is kept; whose reader goes stops it. */
  score: procedure.input(id).output(eventIterator(type<MeasuringProgress>())),
  remove: procedure.input(id).output(type<null>()),
  /** Questions of scored answers. */
  questions: procedure
    .input(id.extend({ which: z.enum(questionFilters), from: z.int().min(0), count: z.int().min(1).max(200) }))
    .output(type<{ counts: Record<QuestionFilter, number>; questions: ListedQuestion[] }>()),
  /** JSON of the figures with their cards and, of answers, the score of each question: what the live paper imports. */
  document: procedure.input(id).output(type<Blob>()),
  /**
   * The picture of a question: safetensors U8 `picture` [H, W, 3]; as a run's model sees it with its codes of each layer,
   * or, with null for the run, as it is, at most 512 px wide and high, and no codes. Null: it has none, or its folder is not
   * known.
   */
  picture: procedure
    .input(id.extend({ place: z.int().min(0), run: id.shape.id.nullable() }))
    .output(type<{ codes: number[][]; file: Blob } | null>()),
}
