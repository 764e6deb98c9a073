import type { Attribute } from '../ir.ts'
import type { KernelRule } from '../kernels.ts'
import { type Tensor, tf } from '../tf.ts'

/**
 * Added to the score of a key that comes too late. Finite, so that no row is NaN, and far below the −1e9 that callers
 * use for padding: a row that sees padding alone still does not look ahead.
 */
export const MASKED_SCORE = -1e30

type Shape4 = [number, number, number, number]

export const attentionRules: Record<string, KernelRule> = {
  /** outputs: y [B, H, L, d of v]; softmax weights [B, H, L, S] */
  Attention: {
    inputs: ['q', 'k', 'v', 'mask'],
    infer: ([q, k, v, mask], { causal }) => {
      if (q?.shape.length !== 4 || k?.shape.length !== 4 || v?.shape.length !== 4)
        throw new Error('attention wants q [B, H, L, d], k and v [B, Hkv, S, d]')
      const [batch, heads, length, d] = q.shape as Shape4
      const [keyBatch, keyHeads, keys, keyWidth] = k.shape as Shape4
      if (keyBatch !== batch || keyWidth !== d || v.shape.slice(0, 3).join() !== k.shape.slice(0, 3).join())
        throw new Error('attention wants q [B, H, L, d], k and v [B, Hkv, S, d]')
      if (heads % keyHeads !== 0)
        throw new Error(`${heads} query heads cannot share ${keyHeads} key-value heads evenly`)
      if (causal && keys < length) throw new Error(`causal attention of ${length} queries to only ${keys} keys`)
      const weights = [batch, heads, length, keys]
      if (mask && tf.broadcast_util.assertAndGetBroadcastShape([...mask.shape], weights).join() !== weights.join())
        throw new Error(`a mask that does not broadcast to [${weights}]`)
      return [
        { shape: [batch, heads, length, v.shape[3] as number], dtype: 'float32' },
        { shape: weights, dtype: 'float32' },
      ]
    },
  },
  /** outputs: dq, dk, dv */
  AttentionGrad: {
    inputs: ['dy', 'y', 'q', 'k', 'v', 'weights'],
    infer: ([, , q, k, v]) => [q, k, v] as ReturnType<KernelRule['infer']>,
  },
}

/**
 * Scaled dot-product attention with grouped queries: query head h reads key-value head ⌊h / (H / Hkv)⌋.
 * y = softmax(scale · q kᵀ + mask) v, with a causal mask besides if asked: query i of L stands at place S − L + i and sees
 * keys up to there, so that the L newest tokens can be asked about S tokens of a cache.
 *
 * @param q [B, H, L, d]; k, v [B, Hkv, S, d]
 * @param options.mask added to the scores, broadcast to [B, H, L, S]; it gets no gradient
 * @param options.scale 1/√d unless given
 * @returns [B, H, L, d of v]
 */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: { causal: boolean; mask?: Tensor; scale?: number },
): tf.Tensor4D {
  const { causal, mask, scale = 1 / Math.sqrt(q.shape.at(-1) as number) } = options
  const inputs = mask ? { q, k, v, mask } : { q, k, v }
  const [y] = tf.engine().runKernel('Attention', inputs, { causal, scale }) as unknown as Tensor[]
  return y as tf.Tensor4D
}

tf.registerGradient({
  kernelName: 'Attention',
  inputsToSave: ['q', 'k', 'v'],
  outputsToSave: [true, true],
  gradFunc: (dy, saved, attributes) => {
    const [q, k, v, y, weights] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor]
    const first = (Array.isArray(dy) ? dy[0] : dy) as Tensor
    const inputs = { dy: first, y, q, k, v, weights }
    const { scale } = attributes as { scale: number }
    const gradients = tf.engine().runKernel('AttentionGrad', inputs, { scale }) as unknown as Tensor[]
    return { q: () => gradients[0] as Tensor, k: () => gradients[1] as Tensor, v: () => gradients[2] as Tensor }
  },
})

/** Query heads of one key-value head, their rows one below the other: [B, H, L, n] → [B, Hkv, (H / Hkv) · L, n]. */
const stacked = (x: Tensor, keyHeads: number): Tensor => {
  const [batch, heads, length, width] = x.shape as Shape4
  return tf.reshape(x, [batch, keyHeads, (heads / keyHeads) * length, width])
}

/** MASKED_SCORE where key j comes after query i, [L, S]. */
export function causalMask(length: number, keys: number): Tensor {
  const values = new Float32Array(length * keys)
  for (let row = 0; row < length; row++)
    for (let at = row + keys - length + 1; at < keys; at++) values[row * keys + at] = MASKED_SCORE
  return tf.tensor2d(values, [length, keys])
}

/** Plain compositions, for the reference runtime. */
export const attentionReference = {
  Attention: ([q, k, v, mask]: Tensor[], { causal, scale }: Record<string, Attribute>): Tensor[] => {
    const [query, key, value] = [q, k, v] as [Tensor, Tensor, Tensor]
    const [batch, heads, length] = query.shape as Shape4
    const [, keyHeads, keys] = key.shape as Shape4
    const products = tf.matMul(stacked(query, keyHeads), key, false, true)
    let scores: Tensor = tf.mul(tf.reshape(products, [batch, heads, length, keys]), scale as number)
    if (mask) scores = tf.add(scores, mask)
    if (causal) scores = tf.add(scores, causalMask(length, keys))
    const weights = tf.softmax(scores)
    const mixed = tf.matMul(stacked(weights, keyHeads), value)
    return [tf.reshape(mixed, [batch, heads, length, value.shape[3] as number]), weights]
  },
  // dS = P ∘ (dP − rowsum(P ∘ dP)), and that row sum is also rowsum(dy ∘ y).
  AttentionGrad: (inputs: Tensor[], { scale }: Record<string, Attribute>): Tensor[] => {
    const [dy, , q, k, v, weights] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
    const keyHeads = k.shape[1] as number
    const [up, p] = [stacked(dy, keyHeads), stacked(weights, keyHeads)]
    const dp = tf.matMul(up, v, false, true)
    const ds = tf.mul(tf.mul(p, tf.sub(dp, tf.sum(tf.mul(p, dp), -1, true))), scale as number)
    return [
      tf.reshape(tf.matMul(ds, k), q.shape),
      tf.matMul(ds, stacked(q, keyHeads), true, false),
      tf.matMul(p, up, true, false),
    ]
  },
}
