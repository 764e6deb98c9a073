import { describe, expect, it } from 'vitest'
import { printGraph } from '../ir.ts'
import { kernels, lines, traced } from '../testing/graphs.ts'
import { type Tensor, tf } from '../tf.ts'
import { eliminateDeadCode } from './dead-code.ts'
import { chooseLayouts } from './layout.ts'

describe('the layout pass', () => {
  const convolve = (x: Tensor) => tf.conv2d(x as tf.Tensor4D, tf.ones([1, 1, 3, 2]), 1, 'same')

  it('turns maps around at the borders of a convolutional part only', () => {
    const graph = traced({ x: [1, 4, 5, 3] }, ({ x }) => ({
      y: tf.relu(tf.add(tf.tanh(convolve(x as Tensor)), tf.tensor1d([1, 2]))),
    }))
    expect(kernels(graph)).toEqual(['Reshape', 'Conv2D', 'Tanh', 'Add', 'Relu'].filter((name) => name !== 'Reshape'))
    const after = chooseLayouts(graph)
    expect(lines(after).filter((line) => line.includes('('))).toEqual([
      '%7:f32[1,3,4,5] = Transpose(%0) {perm=[0,3,1,2]}',
      '%8:f32[1,2,4,5] = Conv2D(%7, %1) {strides=1 pad="same" dataFormat="NHWC" dilations=[1,1] layout="NCHW"}',
      '%9:f32[1,2,4,5] = Tanh(%8)',
      '%10:f32[1,2,1,1] = Reshape(%4) {shape=[1,2,1,1]}',
      '%11:f32[1,2,4,5] = Add(%9, %10)',
      '%12:f32[1,2,4,5] = Relu(%11)',
      '%6:f32[1,4,5,2] = Transpose(%12) {perm=[0,2,3,1]}',
    ])
  })

  it('leaves graphs without maps alone', () => {
    const graph = traced({ x: [2, 3], y: [2, 2, 2, 2] }, ({ x, y }) => ({
      a: tf.sum(x as Tensor, 1),
      b: tf.mean(tf.tanh(y as Tensor), [1, 2]),
    }))
    expect(printGraph(chooseLayouts(graph))).toBe(printGraph(graph))
  })

  it('renames the axes of reductions and concatenations, and turns back where the order would change', () => {
    const graph = traced({ x: [1, 4, 5, 3] }, ({ x }) => {
      const map = convolve(x as Tensor)
      return {
        perChannel: tf.sum(map, [0, 1, 2]),
        perPixel: tf.max(map, [3]),
        kept: tf.mean(map, [-1], true),
        mixed: tf.sum(map, [1]),
        wide: tf.concat([map, map], -1),
      }
    })
    const after = lines(chooseLayouts(graph)).filter((line) => /(Sum|Max|Mean|Concat|Transpose)\(/.test(line))
    expect(after.map((line) => line.replace(/%\d+/g, '%'))).toEqual([
      '%:f32[1,3,4,5] = Transpose(%) {perm=[0,3,1,2]}',
      '%:f32[2] = Sum(%) {keepDims=false axis=[0,2,3]}',
      '%:f32[1,4,5] = Max(%) {keepDims=false axis=[1]}',
      '%:f32[1,1,4,5] = Mean(%) {keepDims=true axis=[1]}',
      '%:f32[1,4,5,2] = Transpose(%) {perm=[0,2,3,1]}',
      '%:f32[1,5,2] = Sum(%) {axis=[1] keepDims=false}',
      '%:f32[1,4,5,4] = Concat(%, %) {axis=-1}',
      '%:f32[1,4,5,1] = Transpose(%) {perm=[0,2,3,1]}',
    ])
  })

  it('sums over all axes, and keeps a value of rank 5 out of it', () => {
    const graph = traced({ x: [1, 4, 5, 3], stack: [2, 1, 1, 5, 2] }, ({ x, stack }) => {
      const map = convolve(x as Tensor)
      return { total: tf.sum(map), kept: tf.sum(map, undefined, true), sum: tf.add(map, stack as Tensor) }
    })
    const shapes = Object.fromEntries(chooseLayouts(graph).outputs.map(({ name, value }) => [name, value.shape]))
    expect(shapes).toEqual({ total: [], kept: [1, 1, 1, 1], sum: [2, 1, 4, 5, 2] })
    const added = chooseLayouts(graph).nodes.find(({ kernel }) => kernel === 'Add')
    expect(added?.inputs.map(({ shape }) => shape)).toEqual([
      [1, 4, 5, 2],
      [2, 1, 1, 5, 2],
    ])
  })

  it('makes fills in the layout in which they are used', () => {
    const graph = traced({ x: [1, 4, 5, 3] }, ({ x }) => ({ y: tf.add(convolve(x as Tensor), tf.ones([1, 4, 5, 2])) }))
    const after = chooseLayouts(graph)
    expect(kernels(after).filter((kernel) => kernel === 'Transpose').length).toBe(2)
    expect(kernels(eliminateDeadCode(after))).toEqual(['Transpose', 'Conv2D', 'Fill', 'Add', 'Transpose'])
  })
})
