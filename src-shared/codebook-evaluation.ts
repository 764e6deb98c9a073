import { z } from 'zod'
import { metricCardSchema } from './metric-card.ts'

/** What is asked for when a run's codebook is measured on its held-out pictures. */
export const codebookEvaluationSchema = z.strictObject({
  /** What a picture's class is, for probing. */
  classes: z.enum(['group', 'subgroup']).default('subgroup'),
  /** Held-out pictures that are measured at most; 0: all. */
  pictures: z.int().min(0).default(0),
  /** Of the draws of pictures, references and resamples. */
  seed: z.int().min(0).default(0),
})
export type CodebookEvaluation = z.infer<typeof codebookEvaluationSchema>

/** What came of it, as a run's evaluations/codebook.json holds it. */
export const measuredCodebookSchema = z.strictObject({
  /** Step of the checkpoint. */
  step: z.int().min(0),
  /** Milliseconds since 1970. */
  measuredAt: z.number(),
  asked: codebookEvaluationSchema,
  cards: z.array(metricCardSchema),
  notMeasured: z.array(z.strictObject({ what: z.string(), why: z.string() })),
})
export type MeasuredCodebook = z.infer<typeof measuredCodebookSchema>

/** What is told while something is measured. */
export interface MeasuringProgress {
  kind: 'progress'
  /** Of what the words name, 0 to 1. */
  share: number
  words: string
}

/** What is told while a codebook is measured. */
export type CodebookEvaluationEvent = MeasuringProgress | { kind: 'measured'; measured: MeasuredCodebook }
