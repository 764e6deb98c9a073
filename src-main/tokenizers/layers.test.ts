import { describe, expect, it } from 'vitest'
import { float32, floats, type HostTensor } from '../engine/runtimes/runtime.ts'
import { randomFloats, runOnce, runtimes } from '../engine/testing/programs.ts'
import type { Tensor } from '../engine/tf.ts'
import { attention, attentionSpecs, convolution, pixelShuffle, pixelUnshuffle, upsample } from './layers.ts'

const counting = (...shape: number[]): HostTensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  return float32(
    Float32Array.from({ length: size }, (_, at) => at),
    shape,
  )
}

describe.each(runtimes)('layers on $name', (runtime) => {
  it('unshuffles each 2 × 2 block into neighbouring channels, channel by channel, and shuffles it back', async () => {
    const x = counting(1, 2, 4, 2)
    const got = await runOnce(runtime, { x }, ({ x }) => ({
      packed: pixelUnshuffle(x as Tensor),
      back: pixelShuffle(pixelUnshuffle(x as Tensor)),
    }))
    expect(got.packed?.shape).toEqual([1, 1, 2, 8])
    // Of the first block: channel 0 of its four pixels, then channel 1.
    expect([...floats(got, 'packed').subarray(0, 8)]).toEqual([0, 2, 8, 10, 1, 3, 9, 11])
    expect(floats(got, 'back')).toEqual(x.data)
  })

  it('repeats every pixel twice in both directions', async () => {
    const got = await runOnce(runtime, { x: counting(1, 1, 2, 2) }, ({ x }) => ({ y: upsample(x as Tensor) }))
    expect(got.y?.shape).toEqual([1, 2, 4, 2])
    expect([...floats(got, 'y')]).toEqual([0, 1, 0, 1, 2, 3, 2, 3, 0, 1, 0, 1, 2, 3, 2, 3])
  })

  it('pads a convolution of stride 2 after the picture only, and one of stride 1 on all sides', async () => {
    const ones = (shape: number[]) => randomFloats(0, shape, 1, 1)
    const inputs = { x: counting(1, 4, 4, 1), 'c.kernel': ones([3, 3, 1, 1]), 'c.bias': randomFloats(0, [1], 0, 0) }
    const got = await runOnce(runtime, inputs, (tensors) => ({
      half: convolution(tensors, 'c', tensors.x as Tensor, 2),
      whole: convolution(tensors, 'c', tensors.x as Tensor),
    }))
    const at = (row: number, column: number) => (row < 0 || column < 0 || row > 3 || column > 3 ? 0 : 4 * row + column)
    const sum = (top: number, left: number) =>
      [0, 1, 2].reduce((all, i) => all + [0, 1, 2].reduce((row, j) => row + at(top + i, left + j), 0), 0)
    expect([...floats(got, 'half')]).toEqual([sum(0, 0), sum(0, 2), sum(2, 0), sum(2, 2)])
    expect(got.whole?.shape).toEqual([1, 4, 4, 1])
    expect([floats(got, 'whole')[0], floats(got, 'whole')[15]]).toEqual([sum(-1, -1), sum(2, 2)])
  })

  it('attends to all positions alike where all of them look the same, and adds the map itself', async () => {
    const specs = attentionSpecs(4)
    const inputs: Record<string, HostTensor> = { x: randomFloats(1, [2, 1, 1, 4]) }
    for (const [index, [name, { shape }]] of Object.entries(specs).entries())
      inputs[`a.${name}`] = randomFloats(index + 2, shape)
    const tiled = { ...inputs, x: float32(Float32Array.from(repeatRows(inputs.x as HostTensor, 9)), [2, 3, 3, 4]) }
    const layer = (tensors: Record<string, Tensor>) => ({ y: attention(tensors, 'a', tensors.x as Tensor, 2) })
    // Of one position only its value can be taken; of nine equal ones the mean is that value.
    const [one, nine] = [await runOnce(runtime, inputs, layer), await runOnce(runtime, tiled, layer)]
    for (const [at, value] of floats(nine, 'y').entries()) {
      const [picture, channel] = [Math.floor(at / 36), at % 4]
      expect(value).toBeCloseTo(floats(one, 'y')[picture * 4 + channel] as number, 4)
    }
  })
})

/** Each row of [B, 1, 1, C] `times` over. */
const repeatRows = ({ data, shape }: HostTensor, times: number): number[] => {
  const width = shape.at(-1) as number
  return Array.from({ length: data.length * times }, (_, at) => {
    const row = Math.floor(at / (width * times))
    return data[row * width + (at % width)] as number
  })
}
