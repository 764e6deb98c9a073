import { describe, expect, it } from 'vitest'
import { randomFloats, runOnce } from '../testing/programs.ts'
import { type Tensor, tf } from '../tf.ts'
import { referenceRuntime } from './reference.ts'
import { floats } from './runtime.ts'

/** The gradient by TensorFlow.js's own kernel on its own backend, without any trace. */
function filterGradientOf(
  x: ReturnType<typeof randomFloats>,
  dy: ReturnType<typeof randomFloats>,
  filterShape: number[],
  strides: number,
  pad: 'same' | 'valid',
): Float32Array {
  tf.setBackend('cpu')
  const given = { x: tf.tensor(x.data, [...x.shape]), dy: tf.tensor(dy.data, [...dy.shape]) }
  const attributes = { strides, pad, dataFormat: 'NHWC', filterShape }
  return (tf.engine().runKernel('Conv2DBackpropFilter', given, attributes) as Tensor).dataSync() as Float32Array
}

describe('the reference runtime', () => {
  it.each([
    [3, 1, 'same', [5, 6], [5, 6]],
    [3, 2, 'same', [5, 6], [3, 3]],
    [1, 2, 'same', [5, 6], [3, 3]],
    [2, 1, 'valid', [5, 6], [4, 5]],
    [3, 2, 'valid', [6, 8], [2, 3]],
  ] as const)(
    'differentiates a filter of side %d and stride %d, padded %s, as the kernel that it replaces',
    async (taps, stride, pad, [height, width], [outHeight, outWidth]) => {
      const x = randomFloats(1, [2, height, width, 3])
      const dy = randomFloats(2, [2, outHeight, outWidth, 4])
      const filterShape = [taps, taps, 3, 4]
      const got = await runOnce(referenceRuntime, { x, dy }, ({ x, dy }) => ({
        gradient: tf
          .engine()
          .runKernel(
            'Conv2DBackpropFilter',
            { x: x as Tensor, dy: dy as Tensor },
            { strides: stride, pad, dataFormat: 'NHWC', filterShape },
          ) as Tensor,
      }))
      const wanted = filterGradientOf(x, dy, filterShape, stride, pad)
      for (const [index, value] of floats(got, 'gradient').entries()) expect(value).toBeCloseTo(wanted[index] ?? NaN, 4)
    },
  )
})
