import { z } from 'zod'

const share = z.number().min(0).max(1)

/** Adam, its schedule and its limits, for whatever learns. */
export const optimizerSchema = z.strictObject({
  learningRate: z.number().positive(),
  beta1: share,
  beta2: share,
  epsilon: z.number().positive(),
  /** Decoupled weight decay (AdamW); 0 is Adam. */
  weightDecay: z.number().min(0),
  /** Global gradient norm limit; 0: none. */
  gradientClip: z.number().min(0),
  warmupSteps: z.int().min(0),
  schedule: z.enum(['constant', 'cosine']),
})

export type OptimizerConfig = z.infer<typeof optimizerSchema>
