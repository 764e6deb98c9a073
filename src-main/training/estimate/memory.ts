import { codebookRows, codeWidth, tokensPerPicture } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { Part } from './parts.ts'
import { perceptualWork } from './perceptual.ts'
import { codesOfLayer, discriminatorWork, fixedEncoder, languageOutputs, tokenizerWork } from './work.ts'

/** What a training process holds in memory, by what it is for: bytes. */
export interface Memory {
  /** Weights that learn, and the codebook with its running counts. */
  weights: number
  gradients: number
  /** The two moments of Adam. */
  moments: number
  /** Weights that no step changes, as they are stored. */
  frozen: number
  /**
   * What learns and its moments once more: onnxruntime hands back a copy of every output, those that a step has written
   * into buffers of the state as well, which lies about until it is collected; a checkpoint holds one while it is written.
   */
  copies: number
  /** Values between the layers, kept for the way back, and the widest table of scores. */
  activations: number
  /** What the codebook's update, sync and drift hold between. */
  rules: number
  /** Node, the runtime's libraries and the data set, before any model. */
  process: number
}

export const FLOAT = 4
export const PROCESS_BYTES = 400e6
/** State that a step changes has two buffers: a step reads one and writes the other. */
export const BUFFERS = 2
/** Of Adam, for each weight. */
export const MOMENTS = 2
/**
 * Values held at the peak per value that a convolution puts out: its input, the norm's and SiLU's maps, and what is on the
 * way back. Fitted to measured runs (docs/presets.md).
 */
const KEPT_PER_OUTPUT = 3.85
/** Tables as large as the codebook that its rules and the drift hold besides: update, sync, drift. Fitted as well. */
const RULE_TABLES = { learning: 15, frozen: 6 }
/** The same in the discriminator: the convolution, batch norm centred and scaled, leaky ReLU. */
const KEPT_PER_JUDGEMENT = 4
/** In a network that does not learn: the convolution and its activation, for the picture and its reconstruction. */
const KEPT_PER_FEATURE = 2
/**
 * Tables that the step of a language model which learns as a whole holds for its embeddings alone, the largest matrix by
 * far: the gradients by the head and by the look-up, which is scattered and cut, and parts of Adam's update.
 */
export const EMBEDDING_TABLES = 4
/** Logits, their softmax and its gradient; without learning the first two. */
export const LOGIT_MAPS = { learning: 3, frozen: 2 }
/** Largest table of scores that nearest codes are looked for in, values. */
const LARGEST_SCORES = 64 * 2 ** 18

/**
 * Memory of one device that trains its share of the batch, in float32.
 * @param vocabulary tokens of the language model
 * @param pictures of the batch that this device takes
 * @param texts of the language batch that this device takes
 */
export function memoryOf(
  config: ExperimentConfig,
  vocabulary: number,
  parts: readonly Part[],
  pictures = config.training.batchSize,
  texts = config.language.batchSize,
): Memory {
  const { language, codebook, losses, data } = config
  const learned = parts.filter(({ learns }) => learns).reduce((sum, { count }) => sum + count, 0)
  const frozen = parts
    .filter(({ part, learns }) => !learns && part !== 'codebook')
    .reduce((sum, { bytes }) => sum + bytes, 0)
  const [rows, width] = [codebookRows(config, vocabulary), codeWidth(config)]
  // The running sums of an independent codebook and of the release rule are as large as the codebook.
  const sums = codebook.paradigm === 'independent' || codebook.rule === 'release' ? rows * width : 0
  const table = (codebook.paradigm === 'frozen' ? 1 : BUFFERS) * (rows * width + rows + sums)
  const visual = tokenizerWork(config)
  const judged = losses.adversarial.weight > 0 ? KEPT_PER_JUDGEMENT * 2 * discriminatorWork(config).outputs : 0
  const compared = KEPT_PER_FEATURE * 2 * perceptualWork(losses.perceptual.network, data.resolution).outputs
  // Of a transformer that stays no more than one block is held at a time.
  const transformer = visual.transformer.outputs / (fixedEncoder(config) ? config.tokenizer.vit.layers : 1)
  const perPicture =
    KEPT_PER_OUTPUT * (visual.encoder.outputs + visual.decoder.outputs) + transformer + judged + compared
  const tokens = texts * language.context
  const perToken =
    language.tuning === 'frozen'
      ? LOGIT_MAPS.frozen * vocabulary
      : LOGIT_MAPS.learning * vocabulary + languageOutputs(language)
  const embeddings = language.tuning === 'full' ? EMBEDDING_TABLES * vocabulary * language.width : 0
  const scores = Math.min(pictures * tokensPerPicture(config) * codesOfLayer(config, vocabulary), LARGEST_SCORES)
  return {
    weights: FLOAT * (BUFFERS * learned + table),
    gradients: FLOAT * learned,
    moments: FLOAT * BUFFERS * MOMENTS * learned,
    frozen,
    copies: FLOAT * (1 + MOMENTS) * learned,
    activations: FLOAT * (pictures * perPicture + tokens * perToken + embeddings + scores),
    rules: FLOAT * rows * width * RULE_TABLES[codebook.paradigm === 'frozen' ? 'frozen' : 'learning'],
    process: PROCESS_BYTES,
  }
}

export const totalOf = (memory: Memory): number => Object.values(memory).reduce((sum, bytes) => sum + bytes, 0)

/**
 * The same with everything but the activations cut over devices, each holding its part (ZeRO-3, FSDP); the weights that
 * a layer gathers while it computes are left out.
 */
export const sharded = (memory: Memory, devices: number): Memory => ({
  ...memory,
  weights: memory.weights / devices,
  gradients: memory.gradients / devices,
  moments: memory.moments / devices,
  copies: memory.copies / devices,
  frozen: memory.frozen / devices,
})
