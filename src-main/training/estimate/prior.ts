import { codebookRows, codeWidth } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { countParameters, type ParameterSpecs } from '../../engine/initialise.ts'
import { createPrior } from '../../priors/create-prior.ts'
import { type PriorShape, priorShape } from '../../priors/prior.ts'
import { createTokenizer } from '../../tokenizers/tokenizer.ts'
import { BUFFERS, EMBEDDING_TABLES, FLOAT, LOGIT_MAPS, MOMENTS, PROCESS_BYTES } from './memory.ts'
import type { SecondStage } from './second-stage.ts'
import { LEARNS, languageOutputs, tokenizerWork } from './work.ts'

/** Pictures that a trained tokenizer takes at once; values are held at the peak for the map and what it becomes. */
const TOKENIZED = { pictures: 16, kept: 2 }

/**
 * What a prior takes. The classes' embeddings, a row each, are left out: how many there are only the pictures say.
 * @returns null for a config without one @param vocabulary tokens of the language model
 */
export function priorStage(config: ExperimentConfig, vocabulary: number): SecondStage | null {
  const { prior } = config
  if (prior.steps === 0) return null
  const rows = codebookRows(config, vocabulary)
  const shape = priorShape(config, rows, 0)
  const { specs, positions } = createPrior(shape)
  const learned = countParameters(specs)
  const tokenizer = countParameters(createTokenizer(config).specs) + rows * codeWidth(config)
  const { encoder, transformer, decoder } = tokenizerWork(config)
  const widest = Math.max(encoder.outputs + transformer.outputs, decoder.outputs)
  const { width, heads, feedForward } = prior
  const kept = (layers: number, context: number): number =>
    context * languageOutputs({ ...config.language, width, heads, keyValueHeads: heads, feedForward, layers, context })
  const places = placesOf(shape)
  const perPicture =
    kept(prior.layers, positions) +
    (places > 0 ? positions * kept(prior.depthLayers, places) : 0) +
    LOGIT_MAPS.learning * logitsOf(shape)
  const tables = shape.codes.reduce((sum, codes) => sum + codes * width, 0)
  return {
    kind: 'prior',
    steps: prior.steps,
    positions: prior.batchSize * positions,
    operations: LEARNS * prior.batchSize * pictureOperations(shape, specs, positions),
    memory: {
      weights: FLOAT * BUFFERS * learned,
      gradients: FLOAT * learned,
      moments: FLOAT * BUFFERS * MOMENTS * learned,
      frozen: FLOAT * tokenizer,
      copies: FLOAT * (1 + MOMENTS) * learned,
      activations:
        FLOAT *
        (prior.batchSize * perPicture + EMBEDDING_TABLES * tables + TOKENIZED.pictures * TOKENIZED.kept * widest),
      rules: 0,
      process: PROCESS_BYTES,
    },
  }
}

/** Places of the head at one position of the body: the depths of rq, the coarse code and four fine ones of hq. */
const placesOf = ({ kind, sides }: PriorShape): number => (kind === 'raster' ? 0 : kind === 'rq' ? sides.length : 5)

/** Logits of all codes of a picture. */
const logitsOf = ({ sides, codes }: PriorShape): number =>
  sides.reduce((sum, side, layer) => sum + side * side * (codes[layer] as number), 0)

/** One picture forward: matrices of body and head, their attention, and the logits; embeddings are only looked up. */
function pictureOperations(shape: PriorShape, specs: ParameterSpecs, positions: number): number {
  const matrices = (prefix: string): number =>
    Object.entries(specs)
      .filter(([name, { shape: of }]) => name.startsWith(prefix) && of.length === 2)
      .reduce((sum, [, { shape: of }]) => sum + (of[0] as number) * (of[1] as number), 0)
  const { width, layers, depthLayers } = shape
  const places = placesOf(shape)
  const body = positions * (2 * (matrices('body.') + matrices('join')) + layers * 4 * positions * width)
  const head = positions * places * (2 * matrices('head.layer') + depthLayers * 4 * places * width)
  return body + head + 2 * width * logitsOf(shape)
}
