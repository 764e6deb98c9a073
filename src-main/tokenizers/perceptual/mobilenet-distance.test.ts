import { describe, expect, it } from 'vitest'
import { valueAndGradients } from '../../engine/gradients.ts'
import { float32, floats, type HostTensor, number } from '../../engine/runtimes/runtime.ts'
import { randomFloats, runOnce, runtimes } from '../../engine/testing/programs.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import { mobileNetDistance } from './mobilenet-distance.ts'

const [onnx] = runtimes as [(typeof runtimes)[0]]
const between = (x: Tensor, y: Tensor) => mobileNetDistance().bind()(x, y)

describe('the distance by MobileNetV2’s features', () => {
  it('is 0 for a picture and itself, the same both ways, and grows with what is done to it', async () => {
    const x = randomFloats(1, [1, 32, 32, 3], -0.8, 0.8)
    const noise = randomFloats(2, [1, 32, 32, 3], -1, 1).data as Float32Array
    const moved = (by: number) =>
      float32(
        (x.data as Float32Array).map((value, at) => value + by * (noise[at] as number)),
        x.shape,
      )
    const got = await runOnce(onnx, { x, little: moved(0.1), much: moved(0.6) }, ({ x, little, much }) => ({
      'to itself': between(x as Tensor, x as Tensor),
      'to little': between(x as Tensor, little as Tensor),
      'from little': between(little as Tensor, x as Tensor),
      'to much': between(x as Tensor, much as Tensor),
    }))
    const [none, little, back, much] = ['to itself', 'to little', 'from little', 'to much'].map(
      (name) => floats(got, name)[0] as number,
    )
    expect(none).toBe(0)
    expect(little).toBeGreaterThan(0)
    expect(back).toBeCloseTo(little as number, 6)
    expect(much).toBeGreaterThan(1.5 * (little as number))
    expect(much).toBeLessThanOrEqual(2)
  })

  it('has the gradient of its value, along a direction that touches every pixel', async () => {
    const [x, other] = [3, 4].map((seed) => randomFloats(seed, [1, 16, 16, 3], -0.9, 0.9)) as [HostTensor, HostTensor]
    const direction = randomFloats(5, [1, 16, 16, 3], -1, 1).data as Float32Array
    const along = (by: number) =>
      float32(
        (x.data as Float32Array).map((value, at) => value + by * (direction[at] as number)),
        x.shape,
      )
    const step = 2e-3
    const got = await runOnce(onnx, { x, other, before: along(-step), after: along(step) }, (tensors) => {
      const distance = mobileNetDistance().bind()
      const [at, to] = [tensors.x as Tensor, tensors.other as Tensor]
      const { gradients } = valueAndGradients(() => ({ loss: tf.sum(distance(at, to)), aside: {} }), { x: at })
      return {
        gradient: gradients.x as Tensor,
        low: distance(tensors.before as Tensor, to),
        high: distance(tensors.after as Tensor, to),
      }
    })
    const slope = ((floats(got, 'high')[0] as number) - (floats(got, 'low')[0] as number)) / (2 * step)
    const told = floats(got, 'gradient').reduce((sum, value, at) => sum + value * (direction[at] as number), 0)
    expect(Math.abs(slope)).toBeGreaterThan(1e-3)
    expect(Math.abs(told - slope) / Math.abs(slope)).toBeLessThan(0.03)
  })

  it('is finite, with its gradient, for pictures of one colour', async () => {
    const black = float32(new Float32Array(32 * 32 * 3).fill(-1), [1, 32, 32, 3])
    const white = float32(new Float32Array(32 * 32 * 3).fill(1), [1, 32, 32, 3])
    const got = await runOnce(onnx, { black, white }, ({ black, white }) => ({
      distance: tf.sum(between(black as Tensor, white as Tensor)),
    }))
    expect(number(got, 'distance')).toBeGreaterThan(0)
    expect(Number.isFinite(number(got, 'distance'))).toBe(true)
  })
})
