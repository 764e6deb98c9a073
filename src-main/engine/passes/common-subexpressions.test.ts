import { describe, expect, it } from 'vitest'
import { lines, traced } from '../testing/graphs.ts'
import { type Tensor, tf } from '../tf.ts'
import { shareCommonSubexpressions } from './common-subexpressions.ts'

describe('common subexpressions', () => {
  it('computes equal calls of equal values once, through chains and equal constants', () => {
    const graph = traced({ x: [2] }, ({ x }) => {
      const half = () => tf.tanh(tf.mul(x as Tensor, tf.tensor1d([2, 3])))
      return { a: half(), b: tf.neg(half()) }
    })
    expect(lines(shareCommonSubexpressions(graph))).toEqual([
      'input x = %0:f32[2]',
      'constant %1:f32[2] = 2, 3',
      '%2:f32[2] = Multiply(%0, %1)',
      '%3:f32[2] = Tanh(%2)',
      '%7:f32[2] = Neg(%3)',
      'output a = %3',
      'output b = %7',
    ])
  })

  it('keeps calls apart that differ in attributes, order of inputs or type', () => {
    const graph = traced({ x: [2, 2], y: [2, 2] }, ({ x, y }) => ({
      rows: tf.sum(x as Tensor, 0),
      columns: tf.sum(x as Tensor, 1),
      forth: tf.sub(x as Tensor, y as Tensor),
      back: tf.sub(y as Tensor, x as Tensor),
      whole: tf.cast(x as Tensor, 'int32'),
      truth: tf.cast(x as Tensor, 'bool'),
    }))
    expect(shareCommonSubexpressions(graph).nodes.length).toBe(graph.nodes.length)
  })

  it('keeps fills of different infinities apart', () => {
    const graph = traced({ x: [20] }, ({ x }) => ({
      low: tf.maximum(x as Tensor, tf.fill([20], Number.NEGATIVE_INFINITY)),
      high: tf.maximum(x as Tensor, tf.fill([20], Number.POSITIVE_INFINITY)),
    }))
    const [low, high] = shareCommonSubexpressions(graph).outputs
    expect(low?.value.id).not.toBe(high?.value.id)
  })
})
