import { describe, expect, it } from 'vitest'
import { kernels, lines, traced } from '../testing/graphs.ts'
import { type Tensor, tf } from '../tf.ts'
import { foldConstants } from './constant-folding.ts'
import { eliminateDeadCode } from './dead-code.ts'

describe('constant folding', () => {
  it('computes what depends on constants and fills alone, through chains', () => {
    const graph = traced({ x: [2] }, ({ x }) => {
      const table = tf.cos(tf.mul(tf.tensor1d([0, 1]), Math.PI))
      return { y: tf.mul(x as Tensor, tf.sum(tf.add(tf.fill([20, 2], 3), table), 0)) }
    })
    expect(kernels(graph)).toEqual(['Multiply', 'Cos', 'Fill', 'Add', 'Sum', 'Multiply'])
    expect(lines(eliminateDeadCode(foldConstants(graph)))).toEqual([
      'input x = %0:f32[2]',
      'constant %7:f32[2] = 80, 40',
      '%8:f32[2] = Multiply(%0, %7)',
      'output y = %8',
    ])
  })

  it('keeps whole numbers and truths what they are, and both halves of a split', () => {
    const graph = traced({ x: [1] }, ({ x }) => {
      const [left, right] = tf.split(tf.tensor1d([5, 6, 7, 8], 'int32'), 2) as [Tensor, Tensor]
      return { x: tf.neg(x as Tensor), left, right, truth: tf.greater(right, left) }
    })
    const after = eliminateDeadCode(foldConstants(graph))
    expect(kernels(after)).toEqual(['Neg'])
    expect(lines(after).filter((line) => line.startsWith('constant'))).toEqual([
      expect.stringMatching(/i32\[2\] = 5, 6$/),
      expect.stringMatching(/i32\[2\] = 7, 8$/),
      expect.stringMatching(/bool\[2\] = 1, 1$/),
    ])
  })

  it('makes a fill of a long result that is one number everywhere, and leaves a large result to the graph', () => {
    const graph = traced({}, () => ({
      long: tf.add(tf.fill([30], 2), 1),
      large: tf.add(tf.fill([70, 70], 2), 1),
    }))
    const after = eliminateDeadCode(foldConstants(graph))
    expect(kernels(after)).toEqual(['Fill', 'Fill', 'Add'])
    expect(after.nodes[0]?.attributes).toEqual({ shape: [30], value: 3, dtype: 'float32' })
  })

  it('leaves the backend of TensorFlow.js as it was', () => {
    tf.setBackend('cpu')
    const before = tf.memory().numTensors
    foldConstants(traced({}, () => ({ y: tf.neg(tf.tensor1d([1, 2])) })))
    expect([tf.getBackend(), tf.memory().numTensors]).toEqual(['cpu', before])
  })
})
