import { describe, expect, it } from 'vitest'
import { kernels, lines, traced } from '../testing/graphs.ts'
import { type Tensor, tf } from '../tf.ts'
import { eliminateDeadCode } from './dead-code.ts'

describe('dead code elimination', () => {
  it('drops nodes and constants that no output needs, and keeps the inputs', () => {
    const graph = traced({ x: [2], unused: [3] }, ({ x, unused }) => {
      tf.mul(unused as Tensor, tf.tensor1d([5, 6, 7]))
      return { y: tf.add(x as Tensor, tf.tensor1d([1, 2])) }
    })
    expect(lines(graph)).toEqual([
      'input x = %0:f32[2]',
      'input unused = %1:f32[3]',
      'constant %2:f32[3] = 5, 6, 7',
      'constant %4:f32[2] = 1, 2',
      '%3:f32[3] = Multiply(%1, %2)',
      '%5:f32[2] = Add(%0, %4)',
      'output y = %5',
    ])
    expect(lines(eliminateDeadCode(graph))).toEqual([
      'input x = %0:f32[2]',
      'input unused = %1:f32[3]',
      'constant %4:f32[2] = 1, 2',
      '%5:f32[2] = Add(%0, %4)',
      'output y = %5',
    ])
  })

  it('keeps a node of several outputs of which one is needed', () => {
    const graph = traced({ x: [4] }, ({ x }) => ({ y: tf.split(x as Tensor, 2)[1] as Tensor }))
    expect(kernels(eliminateDeadCode(graph))).toEqual(['SplitV'])
  })
})
