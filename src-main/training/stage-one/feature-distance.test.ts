import { expect, it } from 'vitest'
import { tinyConfig } from '../../../test/fixtures/tiny-experiment.ts'
import { randomFloats, runtimes } from '../../engine/testing/programs.ts'
import { jackknife } from '../../evaluation/jackknife.ts'
import { createFeatureDistance, measuresFeatureDistance, withoutEachPart } from './feature-distance.ts'

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
    const painted = originals.map((value, at) => value + noise * (moved[at] as number))
    // Batches that fill none of the network's own.
    for (const [from, to] of [
      [0, 5],
      [5, 6],
      [6, COUNT],
    ] as const)
      await distance.add(painted.subarray(from * size, to * size), to - from)
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
  const { bias } = jackknife(variance(all), withoutEachPart(40, variance))
  expect(bias).toBeLessThan(0)
  expect(variance(all) - bias).toBeCloseTo((variance(all) * 40) / 39, 1)
  expect(jackknife(mean(all), withoutEachPart(40, mean)).bias).toBeCloseTo(0, 12)
})

it('asks nothing of a few pictures, of which there is no distance', async () => {
  const untouched = {
    name: 'untouched',
    createState: runtimes[0]?.createState as never,
    load: () => expect.fail('loaded'),
  }
  const distance = createFeatureDistance(untouched, SIDE)
  await distance.begin(rows.slice(0, 19), () => expect.fail('read'))
  await distance.add(originals.subarray(0, 19 * size), 19)
  expect(await distance.metrics(true)).toEqual({})
})

it('is measured at the start and the end, and with the sample of each quarter of a long run', () => {
  const measured = (steps: number, sampleEvery: number) => {
    const config = tinyConfig((own) => Object.assign(own.training, { steps, sampleEvery }))
    const samples = Array.from({ length: Math.floor(steps / sampleEvery) + 1 }, (_, at) => at * sampleEvery)
    return [...new Set([...samples, steps])].filter((step) => measuresFeatureDistance(config, step))
  }
  expect(measured(360, 40)).toEqual([0, 360])
  expect(measured(10_000, 1_000)).toEqual([0, 3_000, 5_000, 8_000, 10_000])
  expect(measured(4_050, 500)).toEqual([0, 1_500, 2_500, 3_500, 4_050])
})
