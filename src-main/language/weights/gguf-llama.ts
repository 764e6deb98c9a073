import type { LlamaShape } from '../llama.ts'
import type { RopeScaling } from '../rope-scaling.ts'
import { type GgufWeights, openGguf } from './gguf.ts'
import { GGUF_NAMES, type LlamaWeights, llamaTensors } from './llama-weights.ts'
import { WeightsError } from './weight-file.ts'

/** Divisors of the rotary frequencies, [headWidth / 2]; only in files of models that have some. */
const ROPE_DIVISORS = 'rope_freqs.weight'

/** @throws WeightsError if the file is not a LLaMA decoder that can be run */
export async function openGgufLlama(path: string): Promise<LlamaWeights> {
  const gguf = await openGguf(path)
  try {
    const { shape, context } = await readShape(gguf)
    const vocabulary = gguf.shapeOf(`${GGUF_NAMES.embedding}.weight`)[0] ?? 0
    const theirs = new Set(gguf.names)
    theirs.delete(ROPE_DIVISORS)
    const { heads, keyValueHeads, headWidth = 0 } = shape
    const tensors = llamaTensors(path, shape, vocabulary, GGUF_NAMES, theirs, (name, ours) => {
      const rotated = /\.[qk]$/.test(ours)
      const rows = (ours.endsWith('.q') ? heads : keyValueHeads) * headWidth
      // The order of rows is only known to be one if the shape is right, which is checked after this.
      return gguf.tensor(name, rotated && gguf.shapeOf(name)[0] === rows ? halvesFromPairs(headWidth) : undefined)
    })
    return { source: path, shape, vocabulary, context, tensors, close: gguf.close }
  } catch (error) {
    await gguf.close()
    throw error
  }
}

/**
 * Rows of q and k are stored so that element 2i of a head turns with 2i + 1 (llama.cpp converts LLaMA files to that);
 * ours, as in the original, turns i with i + d/2. @returns our row for a stored row
 */
const halvesFromPairs =
  (headWidth: number) =>
  (row: number): number => {
    const at = row % headWidth
    return row - at + (at >> 1) + (at & 1) * (headWidth / 2)
  }

async function readShape(gguf: GgufWeights): Promise<{ shape: LlamaShape; context: number }> {
  const { metadata, path } = gguf
  const architecture = metadata.get('general.architecture')
  if (architecture !== 'llama')
    throw new WeightsError(`${path}: its architecture is ${JSON.stringify(architecture)}; "llama" can be loaded`)
  const number = (key: string, otherwise?: number): number => {
    const value = metadata.get(`llama.${key}`) ?? otherwise
    if (typeof value === 'number' && Number.isFinite(value)) return value
    throw new WeightsError(`${path}: llama.${key} is ${value === undefined ? 'missing' : JSON.stringify(value)}`)
  }
  const size = (key: string, otherwise?: number): number => {
    const value = number(key, otherwise)
    if (Number.isSafeInteger(value) && value > 0) return value
    throw new WeightsError(`${path}: llama.${key} is ${value}, not a size`)
  }
  const experts = number('expert_count', 0)
  if (experts > 0) throw new WeightsError(`${path}: has ${experts} experts in each layer; models without can be loaded`)
  const width = size('embedding_length')
  const heads = size('attention.head_count')
  const headWidth = size('attention.key_length', width / heads)
  for (const key of ['attention.value_length', 'rope.dimension_count'])
    if (size(key, headWidth) !== headWidth)
      throw new WeightsError(
        `${path}: llama.${key} is ${size(key)}, but a head has ${headWidth}; only equal ones can be run`,
      )
  const ropeScaling = await readScaling(gguf, headWidth)
  const shape: LlamaShape = {
    width,
    layers: size('block_count'),
    heads,
    keyValueHeads: size('attention.head_count_kv', heads),
    feedForward: size('feed_forward_length'),
    headWidth,
    ropeTheta: number('rope.freq_base', 10_000),
    rmsEpsilon: number('attention.layer_norm_rms_epsilon'),
    untied: gguf.names.includes(`${GGUF_NAMES.head}.weight`),
    ...(ropeScaling ? { ropeScaling } : {}),
  }
  return { shape, context: size('context_length') }
}

async function readScaling(
  { metadata, names, path, tensor }: GgufWeights,
  headWidth: number,
): Promise<RopeScaling | null> {
  const kind = metadata.get('llama.rope.scaling.type') ?? 'none'
  const factor = metadata.get('llama.rope.scaling.factor') ?? metadata.get('llama.rope.scale_linear') ?? 1
  if (kind !== 'none' && kind !== 'linear')
    throw new WeightsError(
      `${path}: its rotary positions are stretched by ${JSON.stringify(kind)}; "linear" can be run`,
    )
  if (typeof factor !== 'number' || !(factor > 0))
    throw new WeightsError(`${path}: llama.rope.scaling.factor is ${JSON.stringify(factor)}, not a factor`)
  if (names.includes(ROPE_DIVISORS)) {
    const stored = tensor(ROPE_DIVISORS)
    if (stored.shape.join() !== `${headWidth / 2}`)
      throw new WeightsError(
        `${path}: "${ROPE_DIVISORS}" is [${stored.shape}], but a head has ${headWidth / 2} rotary pairs`,
      )
    return { kind: 'divisors', divisors: Array.from(await stored.read()) }
  }
  return kind === 'linear' && factor !== 1 ? { kind, factor } : null
}
