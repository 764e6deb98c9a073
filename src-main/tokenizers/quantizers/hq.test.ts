import { describe, expect, it } from 'vitest'
import { valueAndGradients } from '../../engine/gradients.ts'
import { floats, type HostTensor } from '../../engine/runtimes/runtime.ts'
import { randomFloats, runOnce, runtimes } from '../../engine/testing/programs.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import { convolution, pixelShuffle, pixelUnshuffle } from '../layers.ts'
import { hq } from './hq.ts'
import { assign } from './search.ts'

const WIDTH = 8
const quantizer = hq({ width: WIDTH, levels: 2, resampling: 'shuffle' })

/** Parameters, a map and a codebook; the decoder input is made to read the top or the bottom level only. */
function inputsReading(level: 'top' | 'bottom'): Record<string, HostTensor> {
  const parameters = Object.entries(quantizer.specs).map(([name, { shape }], seed): [string, HostTensor] => [
    name,
    randomFloats(seed, shape),
  ])
  const inputs: Record<string, HostTensor> = {
    ...Object.fromEntries(parameters),
    h: randomFloats(50, [1, 4, 4, WIDTH / 4]),
    codebook: randomFloats(51, [6, WIDTH]),
  }
  // Rows of the kernel are input channels: first those of the top, then those of the bottom.
  const kernel = inputs['post.kernel']?.data as Float32Array
  const half = kernel.length / 2
  kernel.fill(0, level === 'top' ? half : 0, level === 'top' ? kernel.length : half)
  return inputs
}

describe.each(runtimes)('hierarchical quantization on $name', (runtime) => {
  it.each(['top', 'bottom'] as const)('takes the gradient of the %s level to the encoder', async (level) => {
    const got = await runOnce(runtime, inputsReading(level), (tensors) => {
      const h = tensors.h as Tensor
      const { gradients } = valueAndGradients(
        () => ({
          loss: tf.sum(quantizer.quantize(tensors, h, tensors.codebook as Tensor).quantized),
          aside: {},
        }),
        { h },
      )
      return { gradient: gradients.h as Tensor }
    })
    expect(floats(got, 'gradient').some((value) => Math.abs(value) > 1e-3)).toBe(true)
  })
})

/** Three shuffled levels put together by their words: what the coarser levels leave over goes on to the next side. */
function threeLevels(tensors: Record<string, Tensor>): Tensor {
  const [h, codebook] = [tensors.h as Tensor, tensors.codebook as Tensor]
  const code = (map: Tensor) => assign(map, codebook).vectors
  const top = pixelShuffle(pixelShuffle(code(pixelUnshuffle(pixelUnshuffle(h)))))
  const afterTop = tf.sub(h, top)
  const middleCode = code(convolution(tensors, 'level1.up', pixelUnshuffle(afterTop)))
  const middle = pixelShuffle(convolution(tensors, 'level1.down', middleCode))
  const bottomCode = code(convolution(tensors, 'up', tf.sub(afterTop, middle)))
  return convolution(tensors, 'post', tf.concat([top, middle, convolution(tensors, 'down', bottomCode)], 3))
}

describe.each(runtimes)('three levels on $name', (runtime) => {
  it('quantize one after the other what the coarser ones leave over, and the decoder reads all of them', async () => {
    const three = hq({ width: 16, levels: 3, resampling: 'shuffle' })
    const inputs = Object.fromEntries(
      Object.entries(three.specs).map(([name, { shape }], seed): [string, HostTensor] => [
        name,
        randomFloats(seed, shape),
      ]),
    )
    const got = await runOnce(
      runtime,
      { ...inputs, h: randomFloats(60, [2, 8, 8, 1]), codebook: randomFloats(61, [9, 16]) },
      (tensors) => ({
        quantized: three.quantize(tensors, tensors.h as Tensor, tensors.codebook as Tensor).quantized,
        wanted: threeLevels(tensors),
      }),
    )
    for (const [at, value] of floats(got, 'quantized').entries())
      expect(value).toBeCloseTo(floats(got, 'wanted')[at] as number, 4)
  })
})
