import { describe, expect, it } from 'vitest'
import { valueAndGradients } from '../../engine/gradients.ts'
import { floats, type HostTensor } from '../../engine/runtimes/runtime.ts'
import { randomFloats, runOnce, runtimes } from '../../engine/testing/programs.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import { hq } from './hq.ts'

const WIDTH = 8
const quantizer = hq(WIDTH)

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
