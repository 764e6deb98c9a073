import { branch } from '../engine/parameters.ts'
import type { DecoderModel } from '../language/decoder-model.ts'
import type { LlamaShape } from '../language/llama.ts'
import { embedPositions, outputLogits, type Reading } from './model.ts'
import { type Position, positionSpecs, positionTensors } from './positions.ts'

/**
 * Text and pictures in, logits over the text's tokens (and over the codes, where they have tokens of their own) out.
 * @param vocabulary tokens that can be predicted
 * @param pad token that fills up sequences
 * @param reads entries of the state: of the language model, of what its paradigm adds, and of the codebook
 */
export const positionModel = (
  shape: LlamaShape,
  reading: Reading,
  { vocabulary, pad, reads }: { vocabulary: number; pad: number; reads: readonly string[] },
): DecoderModel<Position> => ({
  shape,
  vocabulary,
  reads,
  inputs: (size) => positionSpecs(reading.shape, size),
  tensors: (sequences, size) => positionTensors(sequences, reading.shape, size, pad),
  embed: (tensors) => embedPositions(tensors, reading),
  blocks: (tensors) => branch(tensors, 'language'),
  logits: (tensors, x) => outputLogits(tensors, x, shape, reading),
})
