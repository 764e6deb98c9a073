import { describe, expect, it } from 'vitest'
import type { Graph } from '../ir.ts'
import { kernels, traced } from '../testing/graphs.ts'
import { type Tensor, tf } from '../tf.ts'
import { foldConvolutionBias } from './convolution-bias.ts'
import { eliminateDeadCode } from './dead-code.ts'
import { chooseLayouts } from './layout.ts'

describe('folding the bias', () => {
  const withBias = (read: 'once' | 'twice' | 'plane') =>
    traced({ x: [1, 4, 4, 3], bias: read === 'plane' ? [4, 1] : [4] }, ({ x, bias }) => {
      const map = tf.conv2d(x as tf.Tensor4D, tf.ones([1, 1, 3, 4]), 1, 'same')
      const y = tf.add(map, bias as Tensor)
      return read === 'twice' ? { y, map } : { y }
    })
  const folded = (graph: Graph) => foldConvolutionBias(chooseLayouts(graph))

  it('makes one convolution of a convolution and the sum with a bias', () => {
    const before = chooseLayouts(withBias('once'))
    expect(kernels(before)).toEqual(['Transpose', 'Conv2D', 'Reshape', 'Add', 'Transpose'])
    const after = eliminateDeadCode(foldConvolutionBias(before))
    expect(kernels(after)).toEqual(['Transpose', 'Conv2D', 'Transpose'])
    const convolution = after.nodes[1]
    expect(convolution?.inputs.map(({ shape }) => shape)).toEqual([[1, 3, 4, 4], [1, 1, 3, 4], [4]])
    expect(convolution?.outputs[0]).toBe(before.nodes[3]?.outputs[0])
  })

  it('leaves a convolution alone whose own output is read elsewhere', () => {
    expect(kernels(folded(withBias('twice')))).toContain('Add')
  })

  it('leaves a sum alone that is not by channel', () => {
    expect(kernels(folded(withBias('plane')))).toContain('Add')
  })
})
