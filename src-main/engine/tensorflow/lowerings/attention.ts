import type { Value } from '../../ir.ts'
import { MASKED_SCORE } from '../../operations/attention.ts'
import type { CallBuilder, Slot } from '../calls.ts'
import { input, type Lowering, output } from './lowering.ts'

type Shape4 = [number, number, number, number]

const product = (tf: CallBuilder, a: Slot, b: Slot, { first = false, second = false } = {}): Slot =>
  tf.call('BatchMatMulV2', 'float32', [a, b], { T: 'float32', adj_x: first, adj_y: second })

/** Query heads of one key-value head become rows of one matrix: [B, H, L, n] → [B, Hkv, (H / Hkv) · L, n]. */
function stacked(tf: CallBuilder, x: Slot, shape: readonly number[], keyHeads: number): Slot {
  const [batch, heads, length, width] = shape as Shape4
  return heads === keyHeads ? x : tf.reshape(x, [batch, keyHeads, (heads / keyHeads) * length, width])
}

/** MASKED_SCORE where key j comes after query i, [L, S]; one for all layers. */
const causalMask = (tf: CallBuilder, length: number, keys: number): Slot =>
  tf.once(`causal mask ${length} ${keys}`, () => {
    const values = new Float32Array(length * keys)
    for (let row = 0; row < length; row++)
      values.fill(MASKED_SCORE, row * keys + Math.min(keys, row + keys - length + 1), (row + 1) * keys)
    return tf.constant(values, [length, keys], 'float32')
  })

const attention: Lowering = (node, { tf, slot }) => {
  const [q, k, v, mask] = [input(node, 0), input(node, 1), input(node, 2), node.inputs[3]]
  const [y, weights] = [output(node, 0), output(node, 1)]
  const keyHeads = k.shape[1] as number
  const [length, keys] = weights.shape.slice(2) as [number, number]
  // The scale goes to the queries, which are smaller than the scores.
  const scaled = tf.multiply(slot(q), tf.scalar(Number(node.attributes.scale)))
  const products = product(tf, stacked(tf, scaled, q.shape, keyHeads), slot(k), { second: true })
  let scores = tf.reshape(products, weights.shape)
  if (mask) scores = tf.add(scores, slot(mask))
  // One query that stands at the end sees every key.
  if (node.attributes.causal && length > 1) scores = tf.add(scores, causalMask(tf, length, keys))
  const softmax = tf.unary('Softmax', scores)
  const mixed = product(tf, stacked(tf, softmax, weights.shape, keyHeads), slot(v))
  return [tf.reshape(mixed, y.shape), softmax]
}

/** dS = P ∘ (dP − rowsum(dy ∘ y)). */
const attentionGradient: Lowering = (node, { tf, slot }) => {
  const [dy, y, q, k, v, weights] = node.inputs as [Value, Value, Value, Value, Value, Value]
  const [batch, heads, length] = dy.shape as Shape4
  const keyHeads = k.shape[1] as number
  const scale = tf.scalar(Number(node.attributes.scale))
  const up = stacked(tf, slot(dy), dy.shape, keyHeads)
  const p = stacked(tf, slot(weights), weights.shape, keyHeads)
  const delta = tf.reduce('Sum', tf.multiply(slot(dy), slot(y)), [3], true)
  const deltas = tf.reshape(delta, [batch, keyHeads, (heads / keyHeads) * length, 1])
  const dp = product(tf, up, slot(v), { second: true })
  const ds = tf.multiply(p, tf.subtract(dp, deltas))
  const dq = tf.multiply(tf.reshape(product(tf, ds, slot(k)), q.shape), scale)
  const scaled = stacked(tf, tf.multiply(slot(q), scale), q.shape, keyHeads)
  return [dq, product(tf, ds, scaled, { first: true }), product(tf, p, up, { first: true })]
}

/** y = [x₁ cos − x₂ sin, x₂ cos + x₁ sin] with x = [x₁, x₂]. */
const rotary: Lowering = (node, { tf, slot }) => {
  const [x, cos, sin] = [input(node, 0), input(node, 1), input(node, 2)]
  const [batch, , length, width] = x.shape as Shape4
  const axis = tf.scalar(3, 'int32')
  const halves = tf.calls('Split', ['float32', 'float32'], [axis, slot(x)], { T: 'float32', num_split: { whole: 2 } })
  const [first, second] = halves as [Slot, Slot]
  // Tables of sequences with positions of their own get an axis for the heads.
  const table = (value: Value) =>
    value.shape.length === 2 ? slot(value) : tf.reshape(slot(value), [batch, 1, length, width / 2])
  const [c, s] = [table(cos), node.attributes.inverse ? tf.unary('Neg', table(sin)) : table(sin)]
  const turned = [
    tf.subtract(tf.multiply(first, c), tf.multiply(second, s)),
    tf.add(tf.multiply(second, c), tf.multiply(first, s)),
  ]
  const attributes = { N: { whole: 2 }, T: 'float32', Tidx: 'int32' } as const
  return [tf.call('ConcatV2', 'float32', [...turned, axis], attributes)]
}

export const attentions: Record<string, Lowering> = {
  Attention: attention,
  AttentionGrad: attentionGradient,
  Rotary: rotary,
}
