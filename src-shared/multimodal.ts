import { z } from 'zod'
import { optimizerSchema } from './optimizer-settings.ts'
import { resizingNames } from './resizings.ts'

/**
 * Stage II, multimodal instruction tuning (section 4 of the paper): encoder, decoder and codebook stay as Stage I left
 * them, and the language model learns to answer about pictures, to paint them as codes and to decompress them.
 */

const positiveInt = z.int().min(1)
const share = z.number().min(0).max(1)
const weight = z.number().min(0)

/** What a dialogue is for; held-out losses and counts are kept for each. */
export const taskNames = [
  'caption',
  'name',
  'yes-no',
  'choice',
  'scene-name',
  'scene-yes-no',
  'counting',
  'position',
  'paint',
  'decompression',
  'dialogue',
] as const
export type TaskName = (typeof taskNames)[number]

/** How often each task is drawn, in proportion; 0: never. */
const tasksSchema = z.strictObject({
  /** Describe a picture. */
  caption: weight.default(1),
  /** What is this? */
  name: weight.default(1),
  /** Is this …? Half of the answers are yes. */
  'yes-no': weight.default(1),
  /** Which of four is it? Answered by its letter. */
  choice: weight.default(1),
  /** What is at the top left? On composed scenes. */
  'scene-name': weight.default(1),
  /** Is there … in the image? On composed scenes. */
  'scene-yes-no': weight.default(1),
  /** How many … are there? On composed scenes. */
  counting: weight.default(1),
  /** Where is the …? On composed scenes. */
  position: weight.default(1),
  /** Paint …: text in, codes out. */
  paint: weight.default(1),
  /** Aggregated vectors in, their flattened codes out (Eq. 4 and 5). */
  decompression: weight.default(1),
  /** The dialogues of `dialoguesPath`. */
  dialogue: weight.default(0),
})

const encoderSchema = z.strictObject({
  /** ONNX file with an output of `patches` vectors of `width` a picture, such as the last hidden state of a CLIP ViT; '': none. */
  path: z.string().default(''),
  width: z.int().min(0).default(0),
  /** Without the class token, which is left out. */
  patches: z.int().min(0).default(0),
  /** How pictures are brought to the size of its input. */
  resize: z.enum(resizingNames).default('clip'),
})
export type PretrainedEncoder = z.infer<typeof encoderSchema>

export const multimodalSchema = z.strictObject({
  /** Steps of Stage II, after those of Stage I. 0: Stage I alone. */
  steps: z.int().min(0).default(0),
  /**
   * Table 1. unified: pictures are codes of the language model's own vocabulary. visual-tokenizer: the vocabulary grows by
   * the visual codes, with new rows for reading and writing. visual-encoder: features of the encoder through a projector,
   * which can be read but not painted (LLaVA).
   */
  paradigm: z.enum(['unified', 'visual-tokenizer', 'visual-encoder']).default('unified'),
  /**
   * How pictures that are asked about are read. flattened: every code at a position of its own, in token order.
   * aggregated: one position for each cell of the coarsest map, made of the vectors of all its codes. features: what the
   * encoder gave there, before it was quantized.
   */
  input: z.enum(['flattened', 'aggregated', 'features']).default('aggregated'),
  /**
   * How the vectors of a cell's codes become one. sum: RQ's cumulative sum at its last depth. cumulative: the mean of the
   * cumulative sums of all depths. concatenation: joined in token order, times a matrix that is learned, and begins as the mean.
   */
  aggregation: z.enum(['sum', 'mean', 'cumulative', 'concatenation']).default('sum'),
  /** What a code is read as. codebook: its vector in the visual codebook. language: its row in the language model's table. */
  vectors: z.enum(['codebook', 'language']).default('codebook'),
  /**
   * Whether vectors of a picture say where they are. learned: a vector is learned for each cell of the coarsest map and for
   * each slot of a cell, and added to what stands there, read or painted. none: as in the paper; then only the order of
   * positions tells.
   */
  places: z.enum(['none', 'learned']).default('none'),
  /** Side in pixels at which pictures are read, which decides the side of the code map (Table 6); 0: data.resolution. */
  resolution: z.int().min(0).default(0),
  /** visual-encoder: a pretrained network that reads pictures in the place of Stage I's encoder. */
  encoder: encoderSchema.default(encoderSchema.parse({})),
  /** Width of the hidden layer of a projector; 0: the language model's width. */
  projectorWidth: z.int().min(0).default(0),
  /** Turns of a decompression dialogue: a picture is cut into so many segments of cells (Eq. 5). */
  segments: positiveInt.default(4),
  /**
   * Concepts that the built-in dialogues are about, chosen by chance out of the training ones; 0: all. A model that can be
   * trained for an hour only learns few things well, or many badly.
   */
  concepts: z.int().min(0).default(0),
  tasks: tasksSchema.default(tasksSchema.parse({})),
  /** LLaVA json of dialogues with pictures; '' for none. */
  dialoguesPath: z.string().default(''),
  /** Folder that the pictures of those dialogues lie in. */
  picturesPath: z.string().default(''),
  /** How a pretrained model’s dialogues are laid out. model: by its chat template, if it has one. vicuna_v1: as LLaVA and UniCode. */
  template: z.enum(['model', 'vicuna_v1']).default('model'),
  /** A dialogue that cannot be learned from is left out and listed, or ends the run before its first step. */
  problems: z.enum(['skip', 'stop']).default('skip'),
  /** Share of the painting dialogues whose request says nothing of the picture: what guidance compares with. */
  unconditional: share.default(0.1),
  /** full: all of the language model learns. lora: its adapters do, with the settings of language.lora. */
  tuning: z.enum(['full', 'lora']).default('full'),
  /** Tokens of a sequence, pictures included. */
  context: positiveInt.default(128),
  batchSize: positiveInt.default(8),
  /** Batches whose gradients are added up for one update. */
  accumulation: positiveInt.default(1),
  /** Sequences of like length go together, out of windows of so many batches; 1: as they are drawn. */
  lengthGrouping: positiveInt.default(16),
  evaluateEvery: positiveInt.default(100),
  /** Held-out dialogues of each task that are evaluated. */
  evaluateDialogues: positiveInt.default(64),
  /** The same when training ends, paintings that are judged included, for narrower intervals; 0: as on the way. */
  evaluateDialoguesLast: z.int().min(0).default(0),
  /** Pictures painted at each sample. */
  paintings: z.int().min(0).max(64).default(8),
  checkpointEvery: positiveInt.default(250),
  optimizer: optimizerSchema.default({
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-8,
    weightDecay: 0,
    gradientClip: 1,
    warmupSteps: 20,
    schedule: 'cosine',
  }),
})

export type MultimodalConfig = z.infer<typeof multimodalSchema>

/** The pretrained network that reads pictures; null where Stage I's encoder does. */
export const pretrainedEncoder = ({
  paradigm,
  encoder,
}: Pick<MultimodalConfig, 'paradigm' | 'encoder'>): PretrainedEncoder | null =>
  paradigm === 'visual-encoder' && encoder.path !== '' ? encoder : null
