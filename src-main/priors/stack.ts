import type { ParameterSpecs } from '../engine/initialise.ts'
import { attention } from '../engine/operations/attention.ts'
import type { Parameters } from '../engine/parameters.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import { blockSpecs, decoderBlocks, type LlamaShape } from '../language/llama.ts'
import type { PriorShape } from './prior.ts'

/**
 * Blocks of a transformer over learned positions. Unlike those of the publications, which are GPT's, they are LLaMA's:
 * RMSNorm, SwiGLU, no biases, no dropout. Positions are learned and added to the input, as there; nothing is rotated.
 */
const llamaShape = ({ width, heads, feedForward }: PriorShape, layers: number): LlamaShape => ({
  ...{ width, layers, heads, feedForward },
  keyValueHeads: heads,
})

export const stackSpecs = (shape: PriorShape, layers: number): ParameterSpecs => blockSpecs(llamaShape(shape, layers))

/**
 * @param x [B, L, width]
 * @param mask added to the scores, [1, 1, L, L]; without it every place sees itself and those before
 * @returns [B · L, width], before any last norm
 */
export function stack(parameters: Parameters, x: Tensor, shape: PriorShape, layers: number, mask?: Tensor): Tensor {
  const { width, heads } = shape
  const [batch, length] = x.shape as [number, number]
  const perHead = (projected: Tensor) =>
    tf.transpose(tf.reshape(projected, [batch, length, heads, width / heads]), [0, 2, 1, 3])
  const rows = tf.reshape(x, [batch * length, width])
  return decoderBlocks(parameters, rows, llamaShape(shape, layers), ({ q, k, v }) => {
    const mixed = attention(perHead(q), perHead(k), perHead(v), mask ? { causal: false, mask } : { causal: true })
    return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch * length, width])
  })
}

/** Keys and values of the positions so far, each [B, heads, L, d]; those of positions to come may be anything. */
export interface Cache {
  keys: Tensor
  values: Tensor
}

/** Which position a step is at: 1 there and else 0, [1, 1, L, 1]; and what it adds to scores, MASKED_SCORE after it, [1, 1, 1, L]. */
export interface StepPosition {
  here: Tensor
  mask: Tensor
}

/**
 * What `stack` gives at one position, from what the blocks kept of those before.
 * @param x [B, width] at this position
 * @param caches one per block
 * @returns [B, width], and the caches with this position in them
 */
export function stackStep(
  parameters: Parameters,
  x: Tensor,
  shape: PriorShape,
  caches: readonly Cache[],
  { here, mask }: StepPosition,
): { x: Tensor; caches: Cache[] } {
  const { width, heads } = shape
  const batch = x.shape[0] as number
  const perHead = (projected: Tensor) => tf.reshape(projected, [batch, heads, 1, width / heads])
  const elsewhere = tf.sub(1, here)
  const put = (kept: Tensor, fresh: Tensor) => tf.add(tf.mul(kept, elsewhere), tf.mul(perHead(fresh), here))
  const next: Cache[] = []
  const y = decoderBlocks(parameters, x, llamaShape(shape, caches.length), ({ q, k, v }, layer) => {
    const kept = caches[layer] as Cache
    const cache = { keys: put(kept.keys, k), values: put(kept.values, v) }
    next.push(cache)
    const mixed = attention(perHead(q), cache.keys, cache.values, { causal: false, mask })
    return tf.reshape(mixed, [batch, width])
  })
  return { x: y, caches: next }
}

/**
 * Inputs moved on by one place, the class in front: what each place is predicted from.
 * @param x [B, L, width]; classes [B, width]
 */
export function shifted(x: Tensor, classes: Tensor): Tensor {
  const [batch, length, width] = x.shape as [number, number, number]
  const first = tf.reshape(classes, [batch, 1, width])
  return length === 1 ? first : tf.concat([first, tf.slice(x, [0, 0, 0], [batch, length - 1, width])], 1)
}
