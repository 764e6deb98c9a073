import { describe, expect, it } from 'vitest'
import { compile } from './compile.ts'
import { valueAndGradients } from './gradients.ts'
import { groupNorm } from './operations/group-norm.ts'
import { nearestCode } from './operations/nearest-code.ts'
import { onnxRuntime } from './runtimes/onnx.ts'
import { type HostTensor, int32 } from './runtimes/runtime.ts'
import { randomFloats, randomIntegers, specsOf } from './testing/programs.ts'
import { type Tensor, tf } from './tf.ts'
import type { Traced } from './trace.ts'

/** Runs a function on two threads, `times` over, in two programs. */
async function repeat(inputs: Record<string, HostTensor>, step: Traced, times: number) {
  const runtime = onnxRuntime({ threads: 2 })
  const results: Record<string, HostTensor>[] = []
  for (let program = 0; program < 2; program++) {
    const opened = await compile(runtime, runtime.createState({}), 'repeated', specsOf(inputs), [], step)
    for (let time = 0; time < times; time++) results.push(await opened.run(inputs))
    await opened.dispose()
  }
  return results
}

/** All results are the same to the last bit. */
function expectEqual(results: Record<string, HostTensor>[]): void {
  for (const result of results)
    for (const [name, { data }] of Object.entries(result)) {
      const bytes = (tensor: HostTensor | undefined) => Buffer.from((tensor?.data ?? data).buffer)
      expect(bytes(result[name]).equals(bytes(results[0]?.[name])), name).toBe(true)
    }
}

describe('two threads give the same bits every time', () => {
  it('for sums over segments with ids that come again and again', async () => {
    const [rows, width] = [20_000, 24]
    const inputs = {
      x: randomFloats(1, [rows, width]),
      ids: randomIntegers(2, [rows], 7),
      one: int32(new Int32Array(rows), [rows]),
    }
    const results = await repeat(
      inputs,
      ({ x, ids, one }) => ({
        few: tf.unsortedSegmentSum(x as Tensor, ids as tf.Tensor1D, 7),
        single: tf.unsortedSegmentSum(x as Tensor, one as tf.Tensor1D, 2),
      }),
      5,
    )
    expectEqual(results)
  })

  it('for a quantized convolutional step and its gradients', async () => {
    const inputs = {
      images: randomFloats(1, [8, 32, 32, 3]),
      kernel: randomFloats(2, [3, 3, 3, 32], -0.3, 0.3),
      scale: randomFloats(3, [32]),
      codebook: randomFloats(4, [256, 32]),
    }
    const results = await repeat(
      inputs,
      (tensors) => {
        const { images, kernel, scale, codebook } = tensors as Record<string, tf.Tensor4D>
        const { loss, gradients, aside } = valueAndGradients(
          () => {
            const map = tf.conv2d(images as tf.Tensor4D, kernel as tf.Tensor4D, 2, 'same')
            const rows = tf.reshape(groupNorm(map, scale as Tensor, scale as Tensor, 8), [-1, 32])
            const indices = nearestCode(rows, codebook as Tensor)
            const distances = tf.squaredDifference(rows, tf.gather(codebook as Tensor, indices))
            return { loss: tf.mean(distances), aside: { indices } }
          },
          { kernel: kernel as Tensor, scale: scale as Tensor, codebook: codebook as Tensor },
        )
        return {
          loss,
          ...aside,
          ...Object.fromEntries(Object.entries(gradients).map(([name, value]) => [`d${name}`, value])),
        }
      },
      4,
    )
    expectEqual(results)
  })
})
