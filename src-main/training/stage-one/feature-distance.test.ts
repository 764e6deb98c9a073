import { expect, it } from 'vitest'
import { randomFloats, runtimes } from '../../engine/testing/programs.ts'
import { createFeatureDistance, jackknife } from './feature-distance.ts'

const [COUNT, SIDE] = [24, 16]
const size = SIDE * SIDE * 3
const originals = randomFloats(1, [COUNT, SIDE, SIDE, 3]).data as Float32Array
const rows = [...Array(COUNT).keys()]

it('is 0 for pictures and themselves, grows with noise, and has an interval around it without its bias', async () => {
  const distance = createFeatureDistance((runtimes as [(typeof runtimes)[0]])[0], SIDE)
  const measure = async (noise: number) => {
    const moved = randomFloats(2, [COUNT, SIDE, SIDE, 3]).data as Float32Array
    await distance.begin(rows, (some) =>
      Float32Array.from(some.flatMap((row) => [...originals.subarray(row * size, (row + 1) * size)])),
    )
    await distance.add(
      originals.map((value, at) => value + noise * (moved[at] as number)),
      COUNT,
    )
    return distance.metrics(noise > 0.5)
  }
  expect((await measure(0))['heldout.fdMobileNetV2']).toBeLessThan(1e-6)
  const little = (await measure(0.1))['heldout.fdMobileNetV2'] as number
  const much = await measure(1)
  expect(little).toBeGreaterThan(0)
  expect(much['heldout.fdMobileNetV2']).toBeGreaterThan(little)
  expect(much['heldout.fdMobileNetV2.low']).toBeLessThan(much['heldout.fdMobileNetV2.high'] as number)
  await distance.dispose()
}, 120_000)

it('takes the bias of 1/n out of a biased variance, and knows the error of a mean', () => {
  const values = Array.from({ length: 40 }, (_, at) => Math.sin(at * at))
  const mean = (some: readonly number[]) => some.reduce((sum, row) => sum + (values[row] as number), 0) / some.length
  const variance = (some: readonly number[]) => {
    const centre = mean(some)
    return some.reduce((sum, row) => sum + ((values[row] as number) - centre) ** 2, 0) / some.length
  }
  const all = [...values.keys()]
  const { bias } = jackknife(variance(all), 40, variance)
  expect(bias).toBeLessThan(0)
  expect(variance(all) - bias).toBeCloseTo((variance(all) * 40) / 39, 1)
  expect(jackknife(mean(all), 40, mean).bias).toBeCloseTo(0, 12)
})
