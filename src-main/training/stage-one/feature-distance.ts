import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { compile } from '../../engine/compile.ts'
import { type LazyProgram, lazyProgram } from '../../engine/runtimes/lazy-program.ts'
import { float32, floats, type Runtime } from '../../engine/runtimes/runtime.ts'
import { tf } from '../../engine/tf.ts'
import { type FeatureSet, frechetDistance } from '../../evaluation/frechet-distance.ts'
import { MOBILENET_SIDE, openMobileNetV2, toUnitRange } from '../../evaluation/networks/mobilenet-v2.ts'
import { resizeBilinear } from '../../evaluation/resize.ts'

/**
 * FD-MobileNetV2: the Fréchet distance of MobileNetV2's features between held-out pictures and their reconstructions. It
 * is not FID, whose features are Inception's.
 */
export interface FeatureDistance {
  /** Begins anew with pictures of these indices. @param read gives some of them as [count, S, S, 3], flat, in [−1, 1] */
  begin(indices: readonly number[], read: (indices: readonly number[]) => Float32Array): Promise<void>
  /** Takes reconstructions of the next pictures. @param painted [count, S, S, 3], flat, in [−1, 1] */
  add(painted: Float32Array, count: number): Promise<void>
  /** @param withInterval also the interval, which takes ten times as long */
  metrics(withInterval: boolean): Record<string, number>
  dispose(): Promise<void>
}

/** Pictures that go through the network together; at 224 px one takes about 5 MB in its widest layer. */
const BATCH = 8
const WIDTH = 576
/** Parts of the jackknife that the interval comes from. */
const PARTS = 10
/** Two-sided 95 % of Student's t with PARTS − 1 degrees of freedom. */
const T_95 = 2.262

/**
 * FD is measured with the samples of at most every quarter of the run, and with the last: it costs 5 ms a picture, which
 * a short run would otherwise spend more on than on its training.
 */
export const measuresFeatureDistance = (
  { training: { steps, sampleEvery } }: ExperimentConfig,
  step: number,
): boolean => step === steps || Math.floor((4 * step) / steps) > Math.floor((4 * (step - sampleEvery)) / steps)

export function createFeatureDistance(runtime: Runtime, side: number): FeatureDistance {
  const images = { images: { shape: [BATCH, side, side, 3] } }
  const program: LazyProgram = lazyProgram(() =>
    compile(runtime, runtime.createState({}), 'features', images, [], (tensors) => {
      const [map] = openMobileNetV2().features.bind()(
        toUnitRange(resizeBilinear(tensors.images as tf.Tensor, MOBILENET_SIDE)),
      )
      return { features: tf.mean(map as tf.Tensor, [1, 2]) }
    }),
  )
  const size = side * side * 3
  const featuresOf = async (pictures: Float32Array, count: number): Promise<Float32Array> => {
    const features = new Float32Array(count * WIDTH)
    for (let begin = 0; begin < count; begin += BATCH) {
      const here = Math.min(BATCH, count - begin)
      const batch = new Float32Array(BATCH * size)
      batch.set(pictures.subarray(begin * size, (begin + here) * size))
      const out = await program.run({ images: float32(batch, [BATCH, side, side, 3]) })
      features.set(floats(out, 'features').subarray(0, here * WIDTH), begin * WIDTH)
    }
    return features
  }
  let originals: { indices: readonly number[]; features: Float32Array } | null = null
  let painted = new Float32Array(0)
  let filled = 0
  return {
    async begin(indices, read) {
      filled = 0
      painted = new Float32Array(indices.length * WIDTH)
      if (originals && `${originals.indices}` === `${indices}`) return
      const features = new Float32Array(indices.length * WIDTH)
      for (let from = 0; from < indices.length; from += BATCH) {
        const some = indices.slice(from, from + BATCH)
        features.set(await featuresOf(read(some), some.length), from * WIDTH)
      }
      originals = { indices, features }
    },
    async add(pictures, count) {
      painted.set(await featuresOf(pictures, count), filled * WIDTH)
      filled += count
    },
    metrics(withInterval) {
      if (!originals || filled !== originals.indices.length || filled < 2 * PARTS) return {}
      const whole = pairDistance(originals.features, painted, [...Array(filled).keys()])
      const values: Record<string, number> = { 'heldout.fdMobileNetV2': whole }
      if (!withInterval) return values
      const { bias, low, high } = jackknife(whole, filled, (rows) =>
        pairDistance((originals as { features: Float32Array }).features, painted, rows),
      )
      values['heldout.fdMobileNetV2.bias'] = bias
      values['heldout.fdMobileNetV2.low'] = low
      values['heldout.fdMobileNetV2.high'] = high
      return values
    },
    dispose: () => program.dispose(),
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

/**
 * Bias and 95 % interval of a measure by the delete-a-group jackknife: each tenth of the pictures is left out in turn.
 * @param measure of given rows
 */
export function jackknife(
  whole: number,
  count: number,
  measure: (rows: readonly number[]) => number,
): { bias: number; low: number; high: number } {
  const rows = [...Array(count).keys()]
  const without = Array.from({ length: PARTS }, (_, part) => measure(rows.filter((row) => row % PARTS !== part)))
  const mean = without.reduce((sum, value) => sum + value, 0) / PARTS
  const bias = (PARTS - 1) * (mean - whole)
  const spread = without.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const error = Math.sqrt(((PARTS - 1) / PARTS) * spread)
  return { bias, low: Math.max(0, whole - bias - T_95 * error), high: Math.max(0, whole - bias + T_95 * error) }
}
