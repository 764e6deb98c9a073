import { describe, expect, it } from 'vitest'
import { lines, traced } from '../testing/graphs.ts'
import { type Tensor, tf } from '../tf.ts'
import { bindConstants } from './bind-constants.ts'

describe('binding constants', () => {
  const graph = traced({ x: [2], weight: [2] }, ({ x, weight }) => ({ y: tf.mul(x as Tensor, weight as Tensor) }))
  const weight = { shape: [2], dtype: 'float32', data: Float32Array.of(3, 4) } as const

  it('turns named inputs into constants', () => {
    expect(lines(bindConstants(graph, { weight }))).toEqual([
      'input x = %0:f32[2]',
      'constant %1:f32[2] = 3, 4',
      '%2:f32[2] = Multiply(%0, %1)',
      'output y = %2',
    ])
  })

  it('refuses a value of another shape, naming it', () => {
    expect(() => bindConstants(graph, { weight: { ...weight, shape: [1, 2] } })).toThrow(/"weight" is float32\[1,2\]/)
  })
})
