import { compile } from '../engine/compile.ts'
import type { FrozenWeights } from '../engine/frozen/frozen-weights.ts'
import { cachedAttention } from '../engine/operations/cached-attention.ts'
import { parameter } from '../engine/parameters.ts'
import {
  float32,
  floats,
  type HostTensor,
  int32,
  type Program,
  type Runtime,
  STATE_PREFIX,
} from '../engine/runtimes/runtime.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import { decoderBlocks, EMBEDDING, type LlamaShape, logitsOf, ROPE_THETA } from './llama.ts'
import { rotaryFrequencies } from './rope-scaling.ts'

/** Weights of a decoder: frozen in a file, in memory (adapters, say), or some of both. */
export interface DecoderWeights {
  frozen?: FrozenWeights
  held?: Readonly<Record<string, HostTensor>>
}

export interface DecoderOptions {
  shape: LlamaShape
  /** Sequences that go side by side. */
  batch: number
  /** Most tokens of one sequence, prompt included. */
  context: number
}

/** A decoder with a key-value cache: a token costs one pass over the weights, however long the text is. */
export interface Decoder {
  readonly vocabulary: number
  readonly context: number
  /**
   * Begins anew with a prompt for each sequence, each of its own length.
   * @returns logits of the token after each prompt, [batch, vocabulary]
   */
  prompt(tokens: readonly (readonly number[])[]): Promise<Float32Array>
  /**
   * Takes one token more into each sequence.
   * @returns logits of the token after it, [batch, vocabulary]
   * @throws RangeError if a sequence is full
   */
  next(tokens: readonly number[]): Promise<Float32Array>
  /** Tokens of each sequence so far. */
  lengths(): readonly number[]
  dispose(): Promise<void>
}

/** Prompts are padded on the right to one of these lengths times a power of two, so that few programs serve all. */
const SHORTEST_PROMPT = 16

const keysOf = (layer: number): string => `cache.keys.${layer}`
const valuesOf = (layer: number): string => `cache.values.${layer}`

/** @throws RangeError for a context that no token fits; what `compile` throws */
export async function openDecoder(
  runtime: Runtime,
  weights: DecoderWeights,
  { shape, batch, context }: DecoderOptions,
): Promise<Decoder> {
  if (!(Number.isInteger(context) && context > 0 && Number.isInteger(batch) && batch > 0))
    throw new RangeError(`a decoder of ${batch} sequences of ${context} tokens; give whole numbers from 1`)
  const { layers, keyValueHeads, heads, width, headWidth = width / heads } = shape
  const caches: Record<string, HostTensor> = {}
  for (let layer = 0; layer < layers; layer++)
    for (const name of [keysOf(layer), valuesOf(layer)])
      caches[name] = float32(new Float32Array(batch * keyValueHeads * context * headWidth), [
        batch,
        keyValueHeads,
        context,
        headWidth,
      ])
  const state = runtime.createState(
    { ...weights.held, ...caches, ...rotaryTables(shape, headWidth, context) },
    weights.frozen,
  )
  const vocabulary = state.typeOf(EMBEDDING).shape[0] as number

  const open = (length: number): Promise<Program> =>
    compile(
      runtime,
      state,
      length === 1 ? 'next token' : `prompt of ${length}`,
      {
        tokens: { shape: [batch, length], dtype: 'int32' },
        totals: { shape: [batch], dtype: 'int32' },
        longest: { shape: [], dtype: 'int32' },
        ...(length > 1 ? { last: { shape: [batch], dtype: 'int32' as const } } : {}),
      },
      state.names(),
      (tensors) => decode(tensors, shape, batch, length, headWidth),
    )
  const single = await open(1)
  let prompt: { length: number; program: Program } | null = null
  let lengths: number[] = []

  async function promptProgram(length: number): Promise<Program> {
    if (prompt?.length === length) return prompt.program
    await prompt?.program.dispose()
    prompt = null
    prompt = { length, program: await open(length) }
    return prompt.program
  }

  return {
    vocabulary,
    context,
    lengths: () => [...lengths],
    prompt: async (prompts) => {
      checkTokens(prompts, batch, vocabulary)
      const longest = Math.max(...prompts.map((tokens) => tokens.length))
      if (longest > context)
        throw new RangeError(`a prompt of ${longest} tokens does not fit the context of ${context}; shorten it`)
      const length = Math.min(
        context,
        SHORTEST_PROMPT * 2 ** Math.max(0, Math.ceil(Math.log2(longest / SHORTEST_PROMPT))),
      )
      const program = length === 1 ? single : await promptProgram(length)
      const padded = new Int32Array(batch * length)
      for (const [row, tokens] of prompts.entries()) padded.set(tokens, row * length)
      // Padding stands after the prompt, where causal attention does not see it and later tokens write over it.
      const out = await program.run({
        tokens: int32(padded, [batch, length]),
        totals: int32(new Int32Array(batch).fill(length), [batch]),
        longest: int32(Int32Array.of(length), []),
        ...(length > 1
          ? {
              last: int32(
                Int32Array.from(prompts, (tokens, row) => row * length + tokens.length - 1),
                [batch],
              ),
            }
          : {}),
      })
      lengths = prompts.map((tokens) => tokens.length)
      return floats(out, 'logits')
    },
    next: async (tokens) => {
      if (lengths.length === 0) throw new Error('the decoder has no prompt yet; call prompt first')
      checkTokens(
        tokens.map((token) => [token]),
        batch,
        vocabulary,
      )
      const totals = lengths.map((length) => length + 1)
      const most = Math.max(...totals)
      if (most > context)
        throw new RangeError(`a sequence is full: ${context} tokens; open the decoder with a longer context`)
      // "longest" tells a first prompt from what follows by equal lengths; one new token follows a prompt of at least one.
      const out = await single.run({
        tokens: int32(Int32Array.from(tokens), [batch, 1]),
        totals: int32(Int32Array.from(totals), [batch]),
        longest: int32(Int32Array.of(most), []),
      })
      lengths = totals
      return floats(out, 'logits')
    },
    dispose: async () => {
      await single.dispose()
      await prompt?.program.dispose()
    },
  }
}

function decode(
  tensors: Record<string, Tensor>,
  shape: LlamaShape,
  batch: number,
  length: number,
  headWidth: number,
): Record<string, Tensor> {
  const tables = { cos: parameter(tensors, 'rotary.cos'), sin: parameter(tensors, 'rotary.sin') }
  const counts = { totals: parameter(tensors, 'totals'), longest: parameter(tensors, 'longest') }
  const next: Record<string, Tensor> = {}
  const embedded = tf.gather(
    parameter(tensors, EMBEDDING),
    tf.reshape(parameter(tensors, 'tokens'), [batch * length]) as tf.Tensor1D,
  )
  const x = decoderBlocks(tensors, embedded, shape, ({ q, k, v }, layer) => {
    const sequences = (rows: Tensor) => tf.reshape(rows, [batch, length, rows.shape[1] as number])
    const cache = { keys: parameter(tensors, keysOf(layer)), values: parameter(tensors, valuesOf(layer)) }
    const given = { q: sequences(q), k: sequences(k), v: sequences(v) }
    const { y, keys, values } = cachedAttention(given, cache, tables, counts)
    next[STATE_PREFIX + keysOf(layer)] = keys
    next[STATE_PREFIX + valuesOf(layer)] = values
    return tf.reshape(y, [batch * length, shape.heads * headWidth])
  })
  const last = length === 1 ? x : tf.gather(x, parameter(tensors, 'last') as tf.Tensor1D)
  return { logits: logitsOf(tensors, last, shape), ...next }
}

/** cos and sin of position · frequency, [context, d/2]. */
function rotaryTables(shape: LlamaShape, headWidth: number, context: number): Record<string, HostTensor> {
  const frequencies = rotaryFrequencies(headWidth, shape.ropeTheta ?? ROPE_THETA, shape.ropeScaling)
  const half = frequencies.length
  const table = (wave: (angle: number) => number) =>
    float32(
      Float32Array.from({ length: context * half }, (_, at) =>
        wave(Math.floor(at / half) * (frequencies[at % half] as number)),
      ),
      [context, half],
    )
  return { 'rotary.cos': table(Math.cos), 'rotary.sin': table(Math.sin) }
}

function checkTokens(rows: readonly (readonly number[])[], batch: number, vocabulary: number): void {
  if (rows.length !== batch)
    throw new RangeError(`${rows.length} sequences for a decoder of ${batch}; give one for each`)
  for (const [row, tokens] of rows.entries()) {
    if (tokens.length === 0) throw new RangeError(`sequence ${row} is empty; a prompt has at least one token`)
    const wrong = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabulary)
    if (wrong !== undefined)
      throw new RangeError(
        `token ${wrong} of sequence ${row} is not of this vocabulary; ids run from 0 to ${vocabulary - 1}`,
      )
  }
}
