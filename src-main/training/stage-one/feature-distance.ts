import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { Runtime } from '../../engine/runtimes/runtime.ts'
import { type FeatureSet, frechetDistance } from '../../evaluation/frechet-distance.ts'
import { jackknife, PARTS } from '../../evaluation/jackknife.ts'
import { createPictureFeatures, FEATURE_BATCH, FEATURE_WIDTH } from '../../evaluation/networks/picture-features.ts'

/**
 * FD-MobileNetV2: the Fréchet distance of MobileNetV2's features between held-out pictures and their reconstructions. It
 * is not FID, whose features are Inception's.
 */
export interface FeatureDistance {
  /** Begins anew with pictures of these indices. @param read gives some of them as [count, S, S, 3], flat, in [−1, 1] */
  begin(indices: readonly number[], read: (indices: readonly number[]) => Float32Array): Promise<void>
  /** Takes reconstructions of the next pictures. @param painted [count, S, S, 3], flat, in [−1, 1] */
  add(painted: Float32Array, count: number): Promise<void>
  /** Nothing of fewer than 20 pictures. @param withInterval also the interval, which takes ten times as long */
  metrics(withInterval: boolean): Promise<Record<string, number>>
  dispose(): Promise<void>
}

const BATCH = FEATURE_BATCH
const WIDTH = FEATURE_WIDTH
/** Pictures below which there is no FD: each part of the jackknife leaves out two of them at least. */
const FEWEST = 2 * PARTS
/** Steps between two measurements, at least. */
const STEPS_BETWEEN = 1000

/**
 * FD is measured with the first sample and the last, and in between with that of each quarter of the run, where a quarter
 * has 1,000 steps or more: it costs 5 ms a picture, which a short run would otherwise spend more on than on its training.
 */
export function measuresFeatureDistance({ training: { steps, sampleEvery } }: ExperimentConfig, step: number): boolean {
  const every = Math.max(steps / 4, STEPS_BETWEEN)
  return step === 0 || step === steps || Math.floor(step / every) > Math.floor((step - sampleEvery) / every)
}

export function createFeatureDistance(runtime: Runtime, side: number): FeatureDistance {
  const network = createPictureFeatures(runtime, side)
  const size = side * side * 3
  /** @param pictures of BATCH pictures, of which `count` count @param features where theirs go, from row `row` on */
  const measure = async (pictures: Float32Array, count: number, features: Float32Array, row: number): Promise<void> => {
    features.set(await network.measure(pictures, count), row * WIDTH)
  }
  let wanted = 0
  let originals: { indices: readonly number[]; features: Float32Array } | null = null
  let painted = new Float32Array(0)
  /** Reconstructions that were taken; the last of them, fewer than BATCH, wait for others to go through with. */
  let taken = 0
  let waiting = 0
  const batch = new Float32Array(BATCH * size)
  const measureWaiting = async (): Promise<void> => {
    if (waiting === 0) return
    await measure(batch, waiting, painted, taken - waiting)
    waiting = 0
  }
  return {
    async begin(indices, read) {
      wanted = indices.length
      taken = 0
      waiting = 0
      if (wanted < FEWEST) return
      painted = new Float32Array(wanted * WIDTH)
      if (originals && `${originals.indices}` === `${indices}`) return
      const features = new Float32Array(wanted * WIDTH)
      for (let from = 0; from < wanted; from += BATCH) {
        const some = indices.slice(from, from + BATCH)
        batch.set(read(some))
        await measure(batch, some.length, features, from)
      }
      originals = { indices, features }
    },
    async add(pictures, count) {
      if (wanted < FEWEST) return
      for (let at = 0; at < count; at++) {
        batch.set(pictures.subarray(at * size, (at + 1) * size), waiting * size)
        waiting++
        taken++
        if (waiting === BATCH) await measureWaiting()
      }
    },
    async metrics(withInterval) {
      if (!originals || wanted < FEWEST || taken !== wanted) return {}
      await measureWaiting()
      const { features } = originals
      const whole = pairDistance(features, painted, [...Array(taken).keys()])
      const values: Record<string, number> = { 'heldout.fdMobileNetV2': whole }
      if (!withInterval) return values
      const { bias, low, high } = jackknife(
        whole,
        withoutEachPart(taken, (rows) => pairDistance(features, painted, rows)),
      )
      values['heldout.fdMobileNetV2.bias'] = bias
      values['heldout.fdMobileNetV2.low'] = low
      values['heldout.fdMobileNetV2.high'] = high
      return values
    },
    dispose: () => network.dispose(),
  }
}

function pairDistance(x: Float32Array, y: Float32Array, rows: readonly number[]): number {
  const some = (all: Float32Array): FeatureSet => {
    const values = new Float32Array(rows.length * WIDTH)
    for (const [at, row] of rows.entries()) values.set(all.subarray(row * WIDTH, (row + 1) * WIDTH), at * WIDTH)
    return { count: rows.length, width: WIDTH, values }
  }
  return frechetDistance(some(x), some(y)).distance
}

/** A measure of all rows but those of one part, for each part. */
export const withoutEachPart = (count: number, measure: (rows: readonly number[]) => number): number[] => {
  const rows = [...Array(count).keys()]
  return Array.from({ length: PARTS }, (_, part) => measure(rows.filter((row) => row % PARTS !== part)))
}
