import { codeMapSides, codeWidth, tokensPerPicture } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { countParameters, type ParameterSpecs } from '../engine/initialise.ts'
import { llamaSpecs } from '../language/llama.ts'
import { createTokenizer } from '../tokenizers/tokenizer.ts'

export interface RunEstimate {
  parameters: { part: string; count: number }[]
  /** Peak resident memory of the training process, bytes; a rough upper estimate. */
  memoryBytes: number
  /** Arithmetic of one tokenizer step with its share of language steps, in 10⁹ operations (a multiply-add is two). */
  gflopPerStep: number
}

/** Node, the runtime's libraries and the data set, before any model: bytes. */
const PROCESS_BYTES = 400e6
/** Values kept for the backward pass, per value computed by a convolution: its input, norm output, normalised map, SiLU. */
const KEPT_PER_OUTPUT = 8

/** What a run takes, from its config alone. @param vocabulary K under a language-bound paradigm */
export function estimateRun(config: ExperimentConfig, vocabulary: number): RunEstimate {
  const { language, training } = config
  const codes = config.codebook.paradigm === 'independent' ? config.codebook.size : vocabulary
  const visual = createTokenizer(config).specs
  const text = llamaSpecs(language, vocabulary)
  const part = (prefix: string) =>
    countParameters(Object.fromEntries(Object.entries(visual).filter(([name]) => name.startsWith(prefix))))
  const convolutions = convolutionWork(visual, config)
  const tokens = training.batchSize * tokensPerPicture(config)
  const textTokens = language.batchSize * language.context
  const textParameters = countParameters(text)
  const search = 2 * tokens * codes * codeWidth(config)
  const trained = 3 // forward, gradient of the input, gradient of the weights
  const perStep = trained * convolutions.operations * training.batchSize + search
  const textStep = language.tuning === 'frozen' ? 0 : trained * 2 * textParameters * textTokens * language.ratio
  const states = 6 * (countParameters(visual) + textParameters) + 3 * codes * codeWidth(config)
  const activations = KEPT_PER_OUTPUT * convolutions.outputs * training.batchSize + 3 * textTokens * vocabulary
  const scores = Math.min(tokens * codes, 64 * 2 ** 18)
  return {
    parameters: [
      { part: 'encoder', count: part('encoder.') },
      { part: 'quantizer', count: part('quantizer.') },
      { part: 'decoder', count: part('decoder.') },
      { part: 'codebook', count: codes * codeWidth(config) },
      { part: 'language model', count: textParameters },
    ],
    memoryBytes: PROCESS_BYTES + 4 * (states + activations + scores),
    gflopPerStep: (perStep + textStep) / 1e9,
  }
}

/** Operations and output values of all convolutions for one picture, read off the kernels' shapes and their level. */
function convolutionWork(specs: ParameterSpecs, config: ExperimentConfig): { operations: number; outputs: number } {
  const finest = codeMapSides(config).at(-1) as number
  let operations = 0
  let outputs = 0
  for (const [name, { shape }] of Object.entries(specs)) {
    if (!name.endsWith('.kernel')) continue
    const [height, width, from, to] = shape as [number, number, number, number]
    const side = sideOf(name, config, finest)
    operations += 2 * height * width * from * to * side * side
    outputs += to * side * side
  }
  return { operations, outputs }
}

function sideOf(name: string, config: ExperimentConfig, finest: number): number {
  const level = /(?:level|down)(\d+)\./.exec(name)
  if (level) return config.data.resolution / 2 ** Number(level[1])
  const up = /up(\d+)\./.exec(name)
  if (up) return config.data.resolution / 2 ** (Number(up[1]) - 1)
  return /encoder\.conv_in|decoder\.conv_out/.test(name) ? config.data.resolution : finest
}
