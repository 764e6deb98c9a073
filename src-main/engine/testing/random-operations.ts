import { attention } from '../operations/attention.ts'
import { groupNorm } from '../operations/group-norm.ts'
import { layerNorm } from '../operations/layer-norm.ts'
import { rmsNorm } from '../operations/rms-norm.ts'
import { rotary } from '../operations/rotary.ts'
import { silu } from '../operations/silu.ts'
import { type Tensor, tf } from '../tf.ts'
import { type Operation, within } from './random-graphs.ts'

/** Steps of random programs: the engine's own operations, and the compositions that passes put them in place of. */
export const ownOperations: Record<string, Operation> = {
  silu: (a) => within(a.bound, silu(a.tensor)),
  groupNormalisation: (a, _, choice, { weights }) => {
    const channels = a.tensor.shape.at(-1) as number
    if (a.tensor.rank !== 4 || channels > 100) return null
    const groups = [1, 2, 3, channels].filter((count) => channels % count === 0)
    const vector = (start: number) => tf.slice(weights as Tensor, [start], [channels])
    return within(8, groupNorm(a.tensor, vector(0), vector(100), groups[choice % groups.length] as number, 0.05))
  },
  layerNormalisation: (a, _, choice, { weights }) => {
    const width = a.tensor.shape.at(-1)
    if (width === undefined || width > 100) return null
    const vector = (start: number) => tf.slice(weights as Tensor, [start], [width])
    return within(
      8,
      choice & 1 ? layerNorm(a.tensor, vector(0), vector(100), 0.05) : rmsNorm(a.tensor, vector(0), 0.05),
    )
  },
  // Two query heads to each of the other's heads where they fit, else to the value's own.
  attend: (a, b, choice) => {
    if (a.tensor.rank !== 4) return null
    const key = a.tensor.shape.join() === b.tensor.shape.join() ? b.tensor : a.tensor
    const q = choice & 2 ? tf.concat([a.tensor, tf.neg(a.tensor)], 1) : a.tensor
    return within(
      Math.max(a.bound, b.bound),
      attention(q, key, tf.sin(key), { causal: (choice & 1) === 1, scale: 0.3 }),
    )
  },
  rotate: (a, _, choice) => {
    const [batch = 0, , length = 0, width = 0] = a.tensor.shape
    if (a.tensor.rank !== 4 || width % 2 === 1) return null
    const shape = choice & 1 ? [length, width / 2] : [batch, length, width / 2]
    const angles = Float32Array.from({ length: shape.reduce((size, axis) => size * axis, 1) }, (_, at) => at)
    const table = (of: (angle: number) => number) => tf.tensor(angles.map(of), shape)
    return within(2 * a.bound, rotary(a.tensor, table(Math.cos), table(Math.sin)))
  },
}

const halves = (x: Tensor) => tf.split(x, 2, -1) as [Tensor, Tensor]

export const composed: Record<string, Operation> = {
  gated: (a) => within(a.bound, tf.mul(a.tensor, tf.sigmoid(a.tensor))),
  neutral: (a, _, choice) => {
    const one = tf.ones(choice & 1 ? a.tensor.shape : [])
    return within(a.bound, tf.neg(tf.sub(tf.zerosLike(a.tensor), tf.mul(tf.div(tf.add(a.tensor, 0), one), one))))
  },
  there: (a, _, choice) => {
    if (a.tensor.rank < 2) return null
    const perm = a.tensor.shape.map((_, axis) => (axis + 1 + (choice % 2)) % a.tensor.rank)
    const flat = tf.reshape(tf.expandDims(tf.transpose(tf.transpose(a.tensor, perm), perm), 0), [-1, 1])
    return within(a.bound, tf.reshape(tf.cast(flat, 'float32'), [a.tensor.size]))
  },
  standardised: (a, _, choice, { weights }) => {
    const width = a.tensor.shape.at(-1)
    if (width === undefined || width > 100) return null
    const vector = (start: number) => tf.slice(weights as Tensor, [start], [width])
    const { mean, variance } = tf.moments(a.tensor, -1, true)
    const [x, spread] =
      choice & 1 ? [tf.sub(a.tensor, mean), variance] : [a.tensor, tf.mean(tf.square(a.tensor), -1, true)]
    const scaled = tf.mul(tf.mul(x, tf.rsqrt(tf.add(spread, 0.05))), vector(0))
    return within(8, choice & 1 ? tf.add(scaled, vector(100)) : scaled)
  },
  groups: (a, _, choice, { weights }) => {
    const [batch = 0, height = 0, width = 0, channels = 0] = a.tensor.shape
    const count = channels % 2 === 0 && choice & 1 ? 2 : 1
    if (a.tensor.rank !== 4 || channels > 100) return null
    const groups = tf.reshape(a.tensor, [batch, height * width, count, channels / count])
    const { mean, variance } = tf.moments(groups, [1, 3], true)
    const standard = tf.mul(tf.sub(groups, mean), tf.rsqrt(tf.add(variance, 0.05)))
    const vector = (start: number) => tf.slice(weights as Tensor, [start], [channels])
    return within(8, tf.add(tf.mul(tf.reshape(standard, a.tensor.shape), vector(0)), vector(100)))
  },
  mixed: (a, _, choice) => {
    if (a.tensor.rank !== 4) return null
    const scores = tf.mul(tf.matMul(a.tensor as tf.Tensor2D, tf.tanh(a.tensor) as tf.Tensor2D, false, true), 0.3)
    const masked = choice & 1 ? tf.add(scores, tf.tensor1d([0.5])) : scores
    return within(a.bound, tf.matMul(tf.softmax(masked) as tf.Tensor2D, tf.sin(a.tensor) as tf.Tensor2D))
  },
  turned: (a) => {
    const [, , length = 0, width = 0] = a.tensor.shape
    if (a.tensor.rank !== 4 || width % 2 === 1) return null
    const angles = Float32Array.from({ length: (length * width) / 2 }, (_, at) => at)
    const table = (of: (angle: number) => number) => tf.tensor(angles.map(of), [length, width / 2])
    const [[first, second], cos, sin] = [halves(a.tensor), table(Math.cos), table(Math.sin)]
    const y = [tf.sub(tf.mul(first, cos), tf.mul(second, sin)), tf.add(tf.mul(second, cos), tf.mul(first, sin))]
    return within(2 * a.bound, tf.concat(y, -1))
  },
  labelled: (a, _, choice) => {
    if ((a.tensor.shape[1] ?? 0) < 2) return null
    if (a.tensor.rank !== 2) return null
    const [rows, classes] = a.tensor.shape as [number, number]
    const labels = Array.from({ length: rows }, (_, row) => ((row + choice) % (classes + 2)) - 1)
    const hot = tf.oneHot(tf.tensor1d(labels, 'int32'), classes)
    const perRow = tf.sum(tf.mul(tf.logSoftmax(a.tensor), hot), 1)
    return within(2 * a.bound + 6, tf.mean(perRow))
  },
}
