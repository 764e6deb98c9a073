import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import type { Graph } from '../ir.ts'
import { lowerToOnnx } from '../lower.ts'
import { randomFloats, specsOf } from '../testing/programs.ts'
import { type Tensor, tf } from '../tf.ts'
import { trace } from '../trace.ts'
import { chooseLayouts } from './layout.ts'
import { optimise } from './optimise.ts'

describe('all passes together', () => {
  it('change no value of a small convolutional net and its gradient', async () => {
    const inputs = {
      x: randomFloats(1, [2, 6, 6, 3]),
      filter: randomFloats(2, [3, 3, 3, 4]),
      bias: randomFloats(3, [4]),
    }
    const graph = trace(({ x, filter, bias }) => {
      const net = (kernel: Tensor) =>
        tf.sum(tf.tanh(tf.add(tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, 2, 'same'), bias as Tensor)))
      return { gradient: tf.grad(net)(filter as Tensor) }
    }, specsOf(inputs))
    const run = async (given: Graph): Promise<Float32Array> => {
      const session = await ort.InferenceSession.create(lowerToOnnx(given, 'net'))
      const feeds = Object.entries(inputs).map(([name, { data, shape }]) => [
        name,
        new ort.Tensor(data as Float32Array, shape),
      ])
      const { gradient } = await session.run(Object.fromEntries(feeds))
      await session.release()
      return gradient?.data as Float32Array
    }
    // The lowering needs the layout pass in any case; the others are left out on the one side.
    const plain = await run(chooseLayouts(graph))
    const optimised = await run(optimise(graph))
    expect(optimise(graph).nodes.length).toBeLessThan(chooseLayouts(graph).nodes.length)
    expect(optimised.length).toBe(3 * 3 * 3 * 4)
    for (const [index, value] of optimised.entries()) expect(value).toBeCloseTo(plain[index] as number, 4)
  })
})
