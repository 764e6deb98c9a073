import { z } from 'zod'
import { optimizerSchema } from './optimizer-settings.ts'

/**
 * A prior: a transformer that paints pictures as codes of the trained tokenizer, without a language model. These are the
 * baselines of the paper's Tables 7 to 9.
 */

const positiveInt = z.int().min(1)
const share = z.number().min(0).max(1)

export const priorSchema = z.strictObject({
  /** Steps of the prior, after those of Stage I. 0: none. */
  steps: z.int().min(0).default(0),
  /**
   * raster: one code after the other, in token order (VQGAN). rq: position by position, and within one depth by depth (RQ-
   * Transformer). hq: cell by cell, its coarse code and then the four fine ones at once (HQ-Transformer).
   */
  kind: z.enum(['raster', 'rq', 'hq']).default('raster'),
  width: positiveInt.default(128),
  /** Blocks over positions. */
  layers: positiveInt.default(4),
  heads: positiveInt.default(4),
  feedForward: positiveInt.default(384),
  /** rq and hq: blocks over the codes of one position. */
  depthLayers: positiveInt.default(2),
  /** layer: each layer of codes has its own embeddings and output matrix. shared: one for all of them. */
  embeddings: z.enum(['layer', 'shared']).default('layer'),
  /** What a picture's class is: nothing, its group, or its subgroup. */
  classes: z.enum(['none', 'group', 'subgroup']).default('none'),
  /** Share of the training pictures whose class is left out, so that guidance has something to compare with. */
  classDropout: share.default(0.1),
  batchSize: positiveInt.default(16),
  /** Steps between evaluations on held-out pictures. */
  evaluateEvery: positiveInt.default(100),
  checkpointEvery: positiveInt.default(250),
  /** Pictures painted at each evaluation. */
  paintings: z.int().min(0).max(64).default(8),
  /** How codes are drawn. */
  sampling: z
    .strictObject({
      /** 0: always the likeliest code. */
      temperature: z.number().min(0).default(1),
      /** Draws from so many of the likeliest codes (0: all). */
      topK: z.int().min(0).default(0),
      /** Draws from the likeliest codes that reach this probability together (1: all). */
      topP: z.number().positive().max(1).default(1),
      /** s of u + s (c − u), u without the class and c with it; 1: c alone. */
      guidance: z.number().min(0).default(1),
    })
    .default({ temperature: 1, topK: 0, topP: 1, guidance: 1 }),
  optimizer: optimizerSchema.default({
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    weightDecay: 0.01,
    gradientClip: 1,
    warmupSteps: 20,
    schedule: 'cosine',
  }),
})

export type PriorConfig = z.infer<typeof priorSchema>
