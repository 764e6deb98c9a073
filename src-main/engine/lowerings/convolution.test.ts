import { describe, expect, it } from 'vitest'
import { valueAndGradients } from '../gradients.ts'
import type { Graph } from '../ir.ts'
import { lowerToOnnx } from '../lower.ts'
import { optimise } from '../passes/optimise.ts'
import { floats } from '../runtimes/runtime.ts'
import { randomFloats, runOnce, runtimes, specsOf } from '../testing/programs.ts'
import { type Tensor, tf } from '../tf.ts'
import { type Traced, trace } from '../trace.ts'

/** Loss and gradients of a convolution whose every output counts differently. */
const gradients =
  (strides: number, pad: 'same' | 'valid' | number): Traced =>
  ({ x, filter, bias, weights }) => {
    const { loss, gradients } = valueAndGradients(
      () => {
        const map = tf.add(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad as 'same'), bias as Tensor)
        return { loss: tf.sum(tf.mul(tf.sin(map), tf.slice(weights as Tensor, [0, 0, 0, 0], map.shape))), aside: {} }
      },
      { x: x as Tensor, filter: filter as Tensor, bias: bias as Tensor },
    )
    return { loss, dx: gradients.x as Tensor, dfilter: gradients.filter as Tensor, dbias: gradients.bias as Tensor }
  }

const inputsOf = (side: number, from: number, to: number, taps: readonly [number, number], batch = 2) => ({
  x: randomFloats(1, [batch, side, side + 2, from]),
  filter: randomFloats(2, [...taps, from, to], -0.2, 0.2),
  bias: randomFloats(3, [to]),
  weights: randomFloats(4, [batch, side + 2, side + 4, to]),
})

describe('convolutions of every form that the lowering chooses among', () => {
  it.each([
    ['blocked, large map', 47, 16, 32, [3, 3], 1, 'same'],
    ['blocked, uneven filter', 48, 16, 16, [3, 5], 1, 'same'],
    ['blocked, no padding', 52, 16, 16, [3, 3], 1, 'valid'],
    ['blocked, stride 2', 94, 16, 16, [3, 3], 2, 'same'],
    ['plain, channels that fill no block', 47, 3, 16, [3, 3], 1, 'same'],
    ['plain, 1 × 1', 47, 16, 16, [1, 1], 1, 'same'],
    ['plain, small map', 9, 16, 16, [3, 3], 1, 'same'],
    ['plain, small map, 4 × 4 taps padded by 1', 9, 4, 6, [4, 4], 1, 1],
    ['plain, large map, 4 × 4 taps padded by 1', 47, 4, 6, [4, 4], 1, 1],
  ] as const)('%s: values and gradients as on the reference runtime', async (_, side, from, to, taps, stride, pad) => {
    const inputs = inputsOf(side, from, to, taps)
    const [onnx, reference] = await Promise.all(
      runtimes.slice(0, 2).map((runtime) => runOnce(runtime, inputs, gradients(stride, pad))),
    )
    for (const name of ['loss', 'dx', 'dfilter', 'dbias']) {
      const [got, want] = [floats(onnx ?? {}, name), floats(reference ?? {}, name)]
      const largest = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      const off = want.reduce((most, value, at) => Math.max(most, Math.abs(value - (got[at] as number))), 0)
      expect(off / largest, name).toBeLessThan(2e-5)
    }
  })

  it.each([
    ['stride 1', 9, 1, 'same'],
    ['stride 2', 9, 2, 'same'],
    [
      'stride 2, padded after only',
      8,
      2,
      [
        [0, 0],
        [0, 1],
        [0, 1],
        [0, 0],
      ],
    ],
    ['no padding', 9, 1, 'valid'],
  ] as const)('depthwise, %s: values and input gradient as on the reference runtime', async (_, side, stride, pad) => {
    const inputs = {
      x: randomFloats(1, [2, side, side + 2, 6]),
      filter: randomFloats(2, [3, 3, 6, 1]),
      bias: randomFloats(3, [6]),
    }
    const step: Traced = ({ x, filter, bias }) => {
      const { loss, gradients } = valueAndGradients(
        () => {
          const map = tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad as 'same')
          return { loss: tf.sum(tf.sin(tf.add(map, bias as Tensor))), aside: {} }
        },
        { x: x as Tensor },
      )
      return { loss, dx: gradients.x as Tensor }
    }
    const [reference, ...others] = await Promise.all(
      [runtimes[1], runtimes[0], ...runtimes.slice(2)].map((runtime) =>
        runOnce(runtime as (typeof runtimes)[0], inputs, step),
      ),
    )
    for (const got of others)
      for (const name of ['loss', 'dx'])
        for (const [at, want] of floats(reference ?? {}, name).entries())
          expect(floats(got ?? {}, name)[at], `${name} ${at}`).toBeCloseTo(want, 4)
  })

  it('uses blocked convolutions for a processor only, and none in a file for any runtime', () => {
    const graph: Graph = optimise(trace(gradients(1, 'same'), specsOf(inputsOf(48, 16, 16, [3, 3]))))
    const holds = (target?: { cpu: boolean; channelBlock: number }) =>
      Buffer.from(lowerToOnnx(graph, 'conv', '', target)).includes('com.microsoft')
    expect(holds()).toBe(false)
    expect(holds({ cpu: true, channelBlock: 8 })).toBe(true)
  })
})
