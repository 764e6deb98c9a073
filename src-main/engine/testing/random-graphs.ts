import { stopGradient } from '../gradients.ts'
import { type Tensor, tf } from '../tf.ts'
import { randomFloats } from './programs.ts'

/**
 * Small random programs of TensorFlow.js calls, for comparing runtimes. A program is a list of plain numbers, so that a
 * failing one can be shrunk; each step picks an operation and operands among the values made so far.
 */
export interface RandomStep {
  /** Which operation, and which values it takes. */
  operation: number
  first: number
  second: number
  /** Picks axes, sizes, strides and the like. */
  choice: number
}

/** A value and a bound of its magnitude, by which growth is stopped before digits are lost. */
export interface Bounded {
  tensor: Tensor
  bound: number
}

export const randomInputs = (
  seed: number,
  [batch, height, width, channels]: readonly [number, number, number, number],
) => ({
  map: randomFloats(seed, [batch, height, width, channels]),
  other: randomFloats(seed + 1, [batch, height, width, channels]),
  plane: randomFloats(seed + 2, [height, width, 1]),
  rows: randomFloats(seed + 3, [width, channels]),
  vector: randomFloats(seed + 4, [channels]),
  single: randomFloats(seed + 5, []),
  stack: randomFloats(seed + 6, [2, 1, height, 1, channels]),
  weights: randomFloats(seed + 7, [400], -0.4, 0.4),
})

const LARGEST = 600
const GROWTH = 6

const sizeOf = (tensor: Tensor): number => tensor.size

/** Some of the axes, never none. */
const axesOf = (rank: number, choice: number): number[] => {
  const mask = 1 + (choice % (2 ** rank - 1))
  return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => mask & (1 << axis))
}

/** The choice-th permutation of the axes. */
function permutation(rank: number, choice: number): number[] {
  const left = Array.from({ length: rank }, (_, axis) => axis)
  const perm: number[] = []
  let rest = choice
  while (left.length > 0) {
    perm.push(...left.splice(rest % left.length, 1))
    rest = Math.floor(rest / (left.length + 1))
  }
  return perm
}

/** The filter of a convolution, cut out of the weights so that it has a gradient. */
function filterOf(weights: Tensor, side: number, from: number, to: number): tf.Tensor4D {
  return tf.reshape(tf.slice(weights, [0], [side * side * from * to]), [side, side, from, to])
}

export type Operation = (a: Bounded, b: Bounded, choice: number, leaves: Record<string, Tensor>) => Bounded | null
const like = ({ bound }: Bounded, tensor: Tensor): Bounded => ({ tensor, bound })
export const within = (bound: number, tensor: Tensor): Bounded => ({ tensor, bound })

const unary =
  (compute: (x: Tensor) => Tensor, bound: (bound: number) => number = (x) => x): Operation =>
  (a) =>
    within(bound(a.bound), compute(a.tensor))

const binary =
  (compute: (a: Tensor, b: Tensor) => Tensor, bound: (a: number, b: number) => number): Operation =>
  (a, b) =>
    within(bound(a.bound, b.bound), compute(a.tensor, b.tensor))

const reduction =
  (compute: (x: Tensor, axes: number[], keepDims: boolean) => Tensor, grows = false): Operation =>
  (a, _, choice) => {
    if (a.tensor.rank === 0) return null
    const tensor = compute(a.tensor, axesOf(a.tensor.rank, choice >> 1), choice % 2 === 0)
    return within(a.bound * (grows ? sizeOf(a.tensor) / sizeOf(tensor) : 1), tensor)
  }

/** Operations whose results and slopes change smoothly, so that rounding cannot flip a gradient. */
export const smooth: Record<string, Operation> = {
  add: binary(tf.add, (a, b) => a + b),
  subtract: binary(tf.sub, (a, b) => a + b),
  multiply: binary(tf.mul, (a, b) => a * b),
  divide: binary(
    (a, b) => tf.div(a, tf.add(tf.square(b), 1)),
    (a) => a,
  ),
  negate: unary(tf.neg),
  tanh: unary(tf.tanh, () => 1),
  sigmoid: unary(tf.sigmoid, () => 1),
  square: unary(tf.square, (x) => x * x),
  exponential: unary(
    (x) => tf.exp(tf.tanh(x)),
    () => 3,
  ),
  logarithm: unary((x) => tf.log(tf.add(tf.square(x), 1))),
  root: unary(
    (x) => tf.sqrt(tf.add(tf.square(x), 0.5)),
    (x) => x + 1,
  ),
  inverseRoot: unary(
    (x) => tf.rsqrt(tf.add(tf.square(x), 0.5)),
    () => 1.5,
  ),
  softplus: unary(tf.softplus, (x) => x + 1),
  sine: unary(tf.sin, () => 1),
  cosine: unary(tf.cos, () => 1),
  sum: reduction(tf.sum, true),
  mean: reduction(tf.mean),
  sumOfAll: (a) => within(a.bound * sizeOf(a.tensor), tf.sum(a.tensor)),
  softmax: (a) => (a.tensor.rank === 0 ? null : within(1, tf.softmax(a.tensor))),
  logSoftmax: (a) => (a.tensor.rank === 0 ? null : within(2 * a.bound + 6, tf.logSoftmax(a.tensor))),
  transpose: (a, _, choice) => like(a, tf.transpose(a.tensor, permutation(a.tensor.rank, choice))),
  reshape: (a, _, choice) => {
    const { shape, rank } = a.tensor
    if (rank < 2) return like(a, tf.reshape(a.tensor, [-1, 1]))
    const axis = choice % (rank - 1)
    const merged = (shape[axis] as number) * (shape[axis + 1] as number)
    return like(a, tf.reshape(a.tensor, [...shape.slice(0, axis), merged, ...shape.slice(axis + 2)]))
  },
  split: (a, _, choice) => {
    const axis = a.tensor.shape.findIndex((size) => size % 2 === 0)
    return axis < 0 ? null : like(a, tf.split(a.tensor, 2, axis)[choice % 2] as Tensor)
  },
  expandDimensions: (a, _, choice) =>
    a.tensor.rank > 3 ? null : like(a, tf.expandDims(a.tensor, (choice % (a.tensor.rank + 1)) - (choice & 8 ? 1 : 0))),
  concatenate: (a, b, choice) => {
    if (a.tensor.rank === 0) return null
    const axis = choice % a.tensor.rank
    const fits =
      a.tensor.rank === b.tensor.rank && a.tensor.shape.every((size, at) => at === axis || size === b.tensor.shape[at])
    return within(
      Math.max(a.bound, fits ? b.bound : 0),
      tf.concat([a.tensor, fits ? b.tensor : tf.neg(a.tensor)], choice & 16 ? axis : axis - a.tensor.rank),
    )
  },
  stack: (a, _, choice) =>
    a.tensor.rank > 3 ? null : like(a, tf.stack([a.tensor, tf.neg(a.tensor)], choice % (a.tensor.rank + 1))),
  slice: (a, _, choice) => {
    const begin = a.tensor.shape.map((size, axis) => (choice >> axis) % size)
    const size = a.tensor.shape.map((whole, axis) => Math.max(1, whole - (begin[axis] as number) - (choice & 1)))
    return a.tensor.rank === 0 ? null : like(a, tf.slice(a.tensor, begin, size))
  },
  pad: (a, _, choice) =>
    a.tensor.rank === 0 || a.tensor.rank > 4
      ? null
      : like(
          a,
          tf.pad(
            a.tensor,
            a.tensor.shape.map((_, axis) => [(choice >> axis) & 1, (choice >> (axis + 2)) & 1] as [number, number]),
            0.5,
          ),
        ),
  tile: (a, _, choice) =>
    a.tensor.rank === 0 || a.tensor.rank > 4
      ? null
      : like(
          a,
          tf.tile(
            a.tensor,
            a.tensor.shape.map((_, axis) => 1 + ((choice >> axis) & 1)),
          ),
        ),
  matrixProduct: (a, _, choice, { weights }) => {
    const inner = a.tensor.shape.at(-1)
    if (inner === undefined || inner > 60) return null
    const matrix = tf.reshape(tf.slice(weights as Tensor, [0], [inner * 3]), choice & 1 ? [3, inner] : [inner, 3])
    const rows = tf.reshape(a.tensor, [-1, inner]) as tf.Tensor2D
    return within(a.bound * inner * 0.4, tf.matMul(rows, matrix as tf.Tensor2D, false, (choice & 1) === 1))
  },
  gram: (a, _, choice) => {
    if (a.tensor.rank < 2 || a.tensor.rank > 4) return null
    const first = (choice & 1) === 1
    const inner = a.tensor.shape.at(first ? -2 : -1) as number
    return within(a.bound ** 2 * inner, tf.matMul(a.tensor as tf.Tensor2D, a.tensor as tf.Tensor2D, first, !first))
  },
  convolution: (a, _, choice, { weights }) => {
    const [, height = 0, width = 0, channels = 0] = a.tensor.shape
    const side = [1, 3, 2][choice % 3] as number
    const to = 1 + ((choice >> 2) % 3)
    const pad = choice & 16 && height >= side && width >= side ? 'valid' : 'same'
    if (a.tensor.rank !== 4 || side * side * channels * to > 400) return null
    const filter = filterOf(weights as Tensor, side, channels, to)
    const map = tf.conv2d(a.tensor as tf.Tensor4D, filter, choice & 32 ? 2 : 1, pad)
    const bias = tf.slice(weights as Tensor, [0], [to])
    return within(a.bound * side * side * channels * 0.4 + 0.4, choice & 64 ? tf.add(map, bias) : map)
  },
  upsample: (a) => {
    if (a.tensor.rank !== 4) return null
    const [, height = 0, width = 0] = a.tensor.shape
    return like(a, tf.image.resizeNearestNeighbor(a.tensor as tf.Tensor4D, [2 * height, 3 * width]))
  },
  gather: (a, _, choice) => {
    if (a.tensor.rank === 0) return null
    const axis = choice % a.tensor.rank
    const size = a.tensor.shape[axis] as number
    const indices = tf.tensor1d([0, size - 1, choice % size], 'int32')
    return like(a, tf.gather(a.tensor, indices, axis))
  },
  segmentSum: (a) => {
    const rows = a.tensor.shape[0]
    if (rows === undefined) return null
    const ids = tf.tensor1d(
      Array.from({ length: rows }, (_, row) => (row * 2) % 3),
      'int32',
    )
    return within(a.bound * rows, tf.unsortedSegmentSum(a.tensor, ids, 3))
  },
  choose: (a, b, _, { map, other }) => {
    if (a.tensor.rank > 4 || b.tensor.rank > 4) return null
    const condition = tf.greater(stopGradient(map as Tensor), stopGradient(other as Tensor))
    return within(Math.max(a.bound, b.bound), tf.where(condition, a.tensor, b.tensor))
  },
}

/** The rest: with kinks, or (squared difference) without a gradient for broadcast operands in TensorFlow.js. */
export const kinked: Record<string, Operation> = {
  squaredDifference: binary(tf.squaredDifference, (a, b) => (a + b) ** 2),
  maximum: binary(tf.maximum, Math.max),
  minimum: binary(tf.minimum, Math.max),
  rectify: unary(tf.relu),
  absolute: unary(tf.abs),
  clip: unary((x) => tf.clipByValue(x, -0.5, 0.7)),
  largest: reduction(tf.max),
  smallest: reduction(tf.min),
}

/** Operands that do not broadcast against each other are passed over. */
function fits(a: Tensor, b: Tensor): boolean {
  try {
    return tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape).length <= 5
  } catch {
    return false
  }
}

const takesTwo = new Set(['add', 'subtract', 'multiply', 'divide', 'squaredDifference', 'maximum', 'minimum'])

/** All values of a program, by the number of the step that made them and the operation's name. */
export function runSteps(
  leaves: Record<string, Tensor>,
  steps: readonly RandomStep[],
  operations: Record<string, Operation>,
): Record<string, Tensor> {
  const names = Object.keys(operations)
  const pool: Bounded[] = Object.entries(leaves)
    .filter(([name]) => name !== 'weights')
    .map(([, tensor]) => ({ tensor, bound: 1 }))
  const made: Record<string, Tensor> = {}
  for (const [at, { operation, first, second, choice }] of steps.entries()) {
    const name = names[operation % names.length] as string
    // The newest values are picked most: programs are to be deep.
    const a = pool[pool.length - 1 - (first % pool.length)] as Bounded
    const partners = pool.filter(({ tensor }) => !takesTwo.has(name) || fits(a.tensor, tensor))
    const b = partners[second % partners.length] as Bounded
    if (name === 'choose' && !(fits(a.tensor, b.tensor) && fits(tf.add(a.tensor, b.tensor), leaves.map as Tensor)))
      continue
    const result = (operations[name] as Operation)(a, b, choice, leaves)
    if (!result || sizeOf(result.tensor) > LARGEST || result.tensor.rank > 5 || sizeOf(result.tensor) === 0) continue
    const tame = result.bound > GROWTH ? within(1, tf.tanh(tf.mul(result.tensor, 1 / result.bound))) : result
    pool.push(tame)
    made[`${at} ${name}`] = tame.tensor
  }
  return made
}
