import { describe, expect, it } from 'vitest'
import { valueAndGradients } from '../gradients.ts'
import { kernels, lines, traced } from '../testing/graphs.ts'
import { type Tensor, tf } from '../tf.ts'
import { eliminateDeadCode } from './dead-code.ts'
import { chooseLayouts } from './layout.ts'
import { simplify } from './simplify.ts'

const simplified = (...given: Parameters<typeof traced>) => eliminateDeadCode(simplify(traced(...given)))

describe('simplification', () => {
  it('drops ones and zeros that change nothing, double negation, and casts and reshapes to the same', () => {
    const graph = traced({ x: [2, 3] }, ({ x }) => {
      const same = tf.reshape(tf.cast(tf.clone(tf.neg(tf.neg(x as Tensor))), 'float32'), [2, 3])
      return { y: tf.tanh(tf.sub(tf.add(tf.div(tf.mul(same, 1), 1), tf.scalar(0)), tf.zerosLike(x as Tensor))) }
    })
    expect(kernels(graph)).toEqual([
      'Neg',
      'Neg',
      'Identity',
      'Cast',
      'Reshape',
      'Multiply',
      'RealDiv',
      'Add',
      'ZerosLike',
      'Sub',
      'Tanh',
    ])
    expect(lines(eliminateDeadCode(simplify(graph)))).toEqual([
      'input x = %0:f32[2,3]',
      expect.stringMatching(/^%\d+:f32\[2,3\] = Tanh\(%0\)$/),
      expect.stringMatching(/^output y = %\d+$/),
    ])
  })

  it('leaves alone what would change a result: a cast of a type, 0 · x, 1 / x, 0 − x', () => {
    const graph = traced({ x: [2] }, ({ x }) => ({
      whole: tf.cast(x as Tensor, 'int32'),
      zero: tf.mul(x as Tensor, 0),
      inverse: tf.div(1, x as Tensor),
      opposite: tf.sub(0, x as Tensor),
    }))
    expect(kernels(simplify(graph))).toEqual(['Cast', 'Multiply', 'RealDiv', 'Sub'])
  })

  it('makes one of chains of reshapes and of transposes, none where they undo each other', () => {
    const graph = simplified({ x: [2, 3, 4] }, ({ x }) => ({
      flat: tf.reshape(tf.expandDims(tf.reshape(x as Tensor, [6, 4]), 1), [24]),
      turned: tf.transpose(tf.transpose(x as Tensor, [2, 0, 1]), [2, 0, 1]),
      back: tf.tanh(tf.transpose(tf.transpose(x as Tensor, [2, 0, 1]), [1, 2, 0])),
    }))
    expect(
      lines(graph)
        .slice(1, 4)
        .map((line) => line.replace(/%\d+:/, '')),
    ).toEqual([
      'f32[24] = Reshape(%0) {shape=[24]}',
      'f32[3,4,2] = Transpose(%0) {perm=[1,2,0]}',
      'f32[2,3,4] = Tanh(%0)',
    ])
  })

  it('keeps the size that a broadcast gives: ones of a larger shape, and two broadcast operands', () => {
    const graph = simplified({ x: [1, 3] }, ({ x }) => ({
      wide: tf.mul(x as Tensor, tf.ones([40, 3])),
      sum: tf.add(tf.mul(x as Tensor, tf.ones([40, 3])), tf.fill([40, 3], 2)),
    }))
    expect(kernels(graph)).toEqual(['BroadcastTo', 'Fill', 'Add'])
    expect(graph.outputs.map(({ value }) => value.shape)).toEqual([
      [40, 3],
      [40, 3],
    ])
  })

  it('never fills a map with the gradient of a mean', () => {
    const graph = traced({ x: [2, 8, 8, 3], y: [2, 8, 8, 3] }, ({ x, y }) => ({
      gradient: valueAndGradients(() => ({ loss: tf.mean(tf.square(tf.sub(x as Tensor, y as Tensor))), aside: {} }), {
        x: x as Tensor,
      }).gradients.x as Tensor,
    }))
    const after = eliminateDeadCode(simplify(graph))
    expect(kernels(graph).filter((kernel) => kernel === 'Fill').length).toBeGreaterThan(0)
    expect(kernels(after).filter((kernel) => kernel === 'Fill' || kernel === 'BroadcastTo')).toEqual([])
    expect(after.outputs[0]?.value.shape).toEqual([2, 8, 8, 3])
  })

  it('lets a broadcast that is needed as a map be made in the layout of maps', () => {
    const graph = traced({ bias: [3], filter: [1, 1, 3, 2] }, ({ bias, filter }) => ({
      y: tf.conv2d(tf.mul(bias as Tensor, tf.ones([2, 4, 4, 3])) as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same'),
    }))
    const after = eliminateDeadCode(chooseLayouts(simplify(graph)))
    expect(
      lines(after)
        .slice(2)
        .map((line) => line.replace(/%\d+:?/g, '%')),
    ).toEqual([
      '%f32[1,3,1,1] = Reshape(%) {shape=[1,3,1,1]}',
      '%f32[2,3,4,4] = BroadcastTo(%) {shape=[2,3,4,4]}',
      '%f32[2,2,4,4] = Conv2D(%, %) {strides=1 pad="same" dataFormat="NHWC" dilations=[1,1] layout="NCHW"}',
      '%f32[2,4,4,2] = Transpose(%) {perm=[0,2,3,1]}',
      'output y = %',
    ])
  })
})
