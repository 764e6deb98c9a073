import { compile } from '../engine/compile.ts'
import type { FrozenWeights } from '../engine/frozen/frozen-weights.ts'
import { cachedAttention } from '../engine/operations/cached-attention.ts'
import { type Parameters, parameter } from '../engine/parameters.ts'
import {
  float32,
  floats,
  type HostTensor,
  int32,
  type Program,
  type Runtime,
  STATE_PREFIX,
  type State,
} from '../engine/runtimes/runtime.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import { type DecodedSize, type DecoderModel, textModel } from './decoder-model.ts'
import { decoderBlocks, EMBEDDING, type LlamaShape, ROPE_THETA } from './llama.ts'
import { cutHeads, paddedHeadWidth, padHeads } from './padded-heads.ts'
import { rotaryFrequencies } from './rope-scaling.ts'

/** Weights of a decoder: frozen in a file, in memory (adapters, say), or some of both. */
export interface DecoderWeights {
  frozen?: FrozenWeights
  held?: Readonly<Record<string, HostTensor>>
}

export interface DecoderSize {
  /** Sequences that go side by side. */
  batch: number
  /** Most positions of one sequence, prompt included. */
  context: number
}

export interface DecoderOptions extends DecoderSize {
  shape: LlamaShape
}

/** A decoder with a key-value cache: a position costs one pass over the weights, however long the sequence is. */
export interface Decoder<Item = number> extends Readonly<DecoderSize> {
  /** Tokens that can be predicted. */
  readonly vocabulary: number
  /**
   * Begins anew with a prompt for each sequence, each of its own length.
   * @returns logits of the token after each prompt, [batch, vocabulary]
   */
  prompt(sequences: readonly (readonly Item[])[]): Promise<Float32Array>
  /**
   * Takes one item more into each sequence; null leaves a sequence as long as it is, and its logits mean nothing.
   * A sequence that was left so cannot go on.
   * @returns logits of the token after it, [batch, vocabulary]
   * @throws RangeError if a sequence is full
   */
  next(items: readonly (Item | null)[]): Promise<Float32Array>
  /** Positions of each sequence so far. */
  lengths(): readonly number[]
  /** The state is left without the cache. */
  dispose(): Promise<void>
}

/** Prompts are padded on the right to one of these lengths times a power of two, so that few programs serve all. */
const SHORTEST_PROMPT = 16

/** A decoder of text. @throws RangeError for a context that no token fits; what `compile` throws */
export async function openDecoder(
  runtime: Runtime,
  weights: DecoderWeights,
  { shape, ...size }: DecoderOptions,
): Promise<Decoder> {
  const state = runtime.createState(weights.held ?? {}, weights.frozen)
  const vocabulary = state.typeOf(EMBEDDING).shape[0] as number
  return openDecoderOver(runtime, state, textModel(shape, vocabulary, state.names()), size)
}

/**
 * A decoder over a state that holds the model's parameters, and may change between two calls.
 * @throws RangeError for a context that no position fits; Error if the state has a decoder of that size; what `compile` throws
 */
export async function openDecoderOver<Item>(
  runtime: Runtime,
  state: State,
  model: DecoderModel<Item>,
  { batch, context }: DecoderSize,
): Promise<Decoder<Item>> {
  if (!(Number.isInteger(context) && context > 0 && Number.isInteger(batch) && batch > 0))
    throw new RangeError(`a decoder of ${batch} sequences of ${context} tokens; give whole numbers from 1`)
  const names = cacheNames(`decoder ${batch} x ${context}`)
  const entries = cacheEntries(model.shape, names, { batch, context })
  state.add(entries)
  const own = Object.keys(entries)

  const open = (length: number): Promise<Program> =>
    compile(
      runtime,
      state,
      length === 1 ? 'next token' : `prompt of ${length}`,
      {
        ...model.inputs({ batch, length }),
        totals: { shape: [batch], dtype: 'int32' },
        longest: { shape: [], dtype: 'int32' },
        ...(length > 1 ? { last: { shape: [batch], dtype: 'int32' as const } } : {}),
      },
      [...model.reads, ...own],
      (tensors) => decode(tensors, model, names, { batch, length }),
    )
  let single: Program
  try {
    single = await open(1)
  } catch (cause) {
    state.remove(own)
    throw cause
  }
  let prompt: { length: number; program: Program } | null = null
  let lengths: number[] = []
  let resting: boolean[] = []

  async function promptProgram(length: number): Promise<Program> {
    if (prompt?.length === length) return prompt.program
    await prompt?.program.dispose()
    prompt = null
    prompt = { length, program: await open(length) }
    return prompt.program
  }

  return {
    vocabulary: model.vocabulary,
    batch,
    context,
    lengths: () => [...lengths],
    prompt: async (sequences) => {
      checkRows(sequences, batch)
      const longest = Math.max(...sequences.map((items) => items.length))
      if (longest > context)
        throw new RangeError(`a prompt of ${longest} tokens does not fit the context of ${context}; shorten it`)
      const length = Math.min(
        context,
        SHORTEST_PROMPT * 2 ** Math.max(0, Math.ceil(Math.log2(longest / SHORTEST_PROMPT))),
      )
      const tensors = model.tensors(sequences, { batch, length })
      const program = length === 1 ? single : await promptProgram(length)
      // Padding stands after the prompt, where causal attention does not see it and later items write over it.
      const out = await program.run({
        ...tensors,
        totals: int32(new Int32Array(batch).fill(length), [batch]),
        longest: int32(Int32Array.of(length), []),
        ...(length > 1
          ? {
              last: int32(
                Int32Array.from(sequences, (items, row) => row * length + items.length - 1),
                [batch],
              ),
            }
          : {}),
      })
      lengths = sequences.map((items) => items.length)
      resting = sequences.map(() => false)
      return floats(out, 'logits')
    },
    next: async (items) => {
      if (lengths.length === 0) throw new Error('the decoder has no prompt yet; call prompt first')
      if (items.length !== batch)
        throw new RangeError(`${items.length} sequences for a decoder of ${batch}; give one for each`)
      const woken = items.findIndex((item, row) => item !== null && resting[row])
      if (woken >= 0) throw new RangeError(`sequence ${woken} was left at rest and cannot go on; begin with a prompt`)
      // What a resting sequence is filled up with takes the place of its last position.
      const totals = lengths.map((length, row) => (items[row] === null ? length : length + 1))
      const most = Math.max(...totals)
      if (most > context)
        throw new RangeError(`a sequence is full: ${context} tokens; open the decoder with a longer context`)
      const tensors = model.tensors(
        items.map((item) => (item === null ? [] : [item])),
        { batch, length: 1 },
      )
      // "longest" tells a first prompt from what follows by equal lengths; one new token follows a prompt of at least one.
      const out = await single.run({
        ...tensors,
        totals: int32(Int32Array.from(totals), [batch]),
        longest: int32(Int32Array.of(most), []),
      })
      lengths = totals
      resting = items.map((item) => item === null)
      return floats(out, 'logits')
    },
    dispose: async () => {
      await single.dispose()
      await prompt?.program.dispose()
      state.remove(own)
    },
  }
}

/** Names in the state of what a decoder keeps. */
interface CacheNames {
  keys(layer: number): string
  values(layer: number): string
  cos: string
  sin: string
}

const cacheNames = (prefix: string): CacheNames => ({
  keys: (layer) => `${prefix}.keys.${layer}`,
  values: (layer) => `${prefix}.values.${layer}`,
  cos: `${prefix}.cos`,
  sin: `${prefix}.sin`,
})

const headWidthOf = ({ width, heads, headWidth = width / heads }: LlamaShape): number => headWidth

function cacheEntries(
  shape: LlamaShape,
  names: CacheNames,
  { batch, context }: DecoderSize,
): Record<string, HostTensor> {
  const size = [batch, shape.keyValueHeads, context, paddedHeadWidth(headWidthOf(shape))]
  const count = size.reduce((product, side) => product * side, 1)
  const entries: Record<string, HostTensor> = rotaryTables(shape, names, context)
  for (let layer = 0; layer < shape.layers; layer++)
    for (const name of [names.keys(layer), names.values(layer)]) entries[name] = float32(new Float32Array(count), size)
  return entries
}

function decode<Item>(
  tensors: Record<string, Tensor>,
  model: DecoderModel<Item>,
  names: CacheNames,
  { batch, length }: DecodedSize,
): Record<string, Tensor> {
  const headWidth = headWidthOf(model.shape)
  const padded = paddedHeadWidth(headWidth)
  const tables = { cos: parameter(tensors, names.cos), sin: parameter(tensors, names.sin) }
  const counts = { totals: parameter(tensors, 'totals'), longest: parameter(tensors, 'longest') }
  const next: Record<string, Tensor> = {}
  const mix = ({ q, k, v }: Record<'q' | 'k' | 'v', Tensor>, layer: number): Tensor => {
    const sequences = (rows: Tensor) => {
      const filled = padHeads(rows, headWidth)
      return tf.reshape(filled, [batch, length, filled.shape[1] as number])
    }
    const cache = { keys: parameter(tensors, names.keys(layer)), values: parameter(tensors, names.values(layer)) }
    // Scores are divided by the root of the padded width.
    const scaled = padded === headWidth ? q : tf.mul(q, Math.sqrt(padded / headWidth))
    const given = { q: sequences(scaled), k: sequences(k), v: sequences(v) }
    const { y, keys, values } = cachedAttention(given, cache, tables, counts)
    next[STATE_PREFIX + names.keys(layer)] = keys
    next[STATE_PREFIX + names.values(layer)] = values
    return cutHeads(tf.reshape(y, [batch * length, model.shape.heads * padded]), headWidth)
  }
  const x = decoderBlocks(model.blocks(tensors as Parameters), model.embed(tensors), model.shape, mix)
  const last = length === 1 ? x : tf.gather(x, parameter(tensors, 'last') as tf.Tensor1D)
  return { logits: model.logits(tensors, last), ...next }
}

/** cos and sin of position · frequency, [context, half of the padded width]; 0 where heads are filled up. */
function rotaryTables(shape: LlamaShape, { cos, sin }: CacheNames, context: number): Record<string, HostTensor> {
  const headWidth = headWidthOf(shape)
  const frequencies = rotaryFrequencies(headWidth, shape.ropeTheta ?? ROPE_THETA, shape.ropeScaling)
  const half = paddedHeadWidth(headWidth) / 2
  const table = (wave: (angle: number) => number) => {
    const data = new Float32Array(context * half)
    for (let position = 0; position < context; position++)
      for (const [at, frequency] of frequencies.entries()) data[position * half + at] = wave(position * frequency)
    return float32(data, [context, half])
  }
  return { [cos]: table(Math.cos), [sin]: table(Math.sin) }
}

function checkRows(sequences: readonly (readonly unknown[])[], batch: number): void {
  if (sequences.length !== batch)
    throw new RangeError(`${sequences.length} sequences for a decoder of ${batch}; give one for each`)
  const empty = sequences.findIndex((items) => items.length === 0)
  if (empty >= 0) throw new RangeError(`sequence ${empty} is empty; a prompt has at least one token`)
}
