import type { Parameters } from '../engine/parameters.ts'
import { parameter } from '../engine/parameters.ts'
import { type HostTensor, int32 } from '../engine/runtimes/runtime.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import type { Spec } from '../engine/trace.ts'
import { EMBEDDING, type LlamaShape, logitsOf } from './llama.ts'

/** Sequences side by side, and the positions of each. */
export interface DecodedSize {
  batch: number
  length: number
}

/** What stands at the positions that a decoder reads, and what it says behind them. */
export interface DecoderModel<Item> {
  shape: LlamaShape
  /** Tokens that can be predicted. */
  vocabulary: number
  /** Entries of the state that it reads. */
  reads: readonly string[]
  /** Inputs of a program that reads sequences. */
  inputs(size: DecodedSize): Record<string, Spec>
  /** Sequences as these inputs, filled up behind their ends. @throws RangeError for an item that cannot be read */
  tensors(sequences: readonly (readonly Item[])[], size: DecodedSize): Record<string, HostTensor>
  /** @returns [B · L, width] */
  embed(tensors: Parameters): Tensor
  /** Parameters of the decoder's blocks, by the names of `llamaSpecs`. */
  blocks(tensors: Parameters): Parameters
  /** @param x [rows, width], out of the last block @returns [rows, vocabulary] */
  logits(tensors: Parameters, x: Tensor): Tensor
}

/** Token ids in, logits over the vocabulary out. @param reads entries of a state that holds the parameters of `llamaSpecs` */
export const textModel = (shape: LlamaShape, vocabulary: number, reads: readonly string[]): DecoderModel<number> => ({
  shape,
  vocabulary,
  reads,
  inputs: ({ batch, length }) => ({ tokens: { shape: [batch, length], dtype: 'int32' } }),
  tensors: (sequences, { batch, length }) => {
    checkTokens(sequences, vocabulary)
    const tokens = new Int32Array(batch * length)
    for (const [row, sequence] of sequences.entries()) tokens.set(sequence, row * length)
    return { tokens: int32(tokens, [batch, length]) }
  },
  embed: (tensors) => {
    const tokens = parameter(tensors, 'tokens')
    return tf.gather(parameter(tensors, EMBEDDING), tf.reshape(tokens, [tokens.size]) as tf.Tensor1D)
  },
  blocks: (tensors) => tensors,
  logits: (tensors, x) => logitsOf(tensors, x, shape),
})

function checkTokens(sequences: readonly (readonly number[])[], vocabulary: number): void {
  for (const [row, tokens] of sequences.entries()) {
    const wrong = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabulary)
    if (wrong !== undefined)
      throw new RangeError(
        `token ${wrong} of sequence ${row} is not of this vocabulary; ids run from 0 to ${vocabulary - 1}`,
      )
  }
}
