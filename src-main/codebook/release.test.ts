import { describe, expect, it } from 'vitest'
import { nearestCode } from '../engine/operations/nearest-code.ts'
import { floats, type HostTensor, ints, scalar } from '../engine/runtimes/runtime.ts'
import { randomFloats, runOnce, runtimes } from '../engine/testing/programs.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import { meanNorm, rampAt, releaseCodes, releaseScale } from './release.ts'

type Tensors = Record<string, Tensor>
const norms = (table: Float32Array, width: number) =>
  Array.from({ length: table.length / width }, (_, row) =>
    Math.hypot(...table.subarray(row * width, (row + 1) * width)),
  )

describe('the ramp', () => {
  it('rises from 0 to 1 and stays there for the tail', () => {
    expect([0, 40, 80, 100].map((step) => rampAt(step, 100, 0.2))).toEqual([0, 0.5, 1, 1])
    expect(rampAt(50, 100, 0)).toBe(0.5)
    expect(rampAt(0, 100, 1)).toBe(1)
  })
})

describe.each(runtimes)('the release’s codebook on $name', (runtime) => {
  const given = (ramp: number, featureNorm: number, seed = 1): Record<string, HostTensor> => ({
    average: randomFloats(seed, [7, 4], -2, 2),
    language: randomFloats(seed + 1, [7, 4], -1, 1),
    ramp: scalar(ramp),
    featureNorm: scalar(featureNorm),
  })
  const step = ({ average, language, ramp, featureNorm }: Tensors) => {
    const languageNorm = meanNorm(language as Tensor)
    const numbers = { ramp: ramp as Tensor, featureNorm: featureNorm as Tensor, languageNorm }
    return {
      codes: releaseCodes(average as Tensor, language as Tensor, numbers),
      scale: releaseScale(featureNorm as Tensor, languageNorm),
    }
  }

  it('is the unit directions of the EMA at r = 0 and the language model’s rows at r = 1, as long as the features', async () => {
    const start = floats(await runOnce(runtime, given(0, 12), step), 'codes')
    for (const norm of norms(start, 4)) expect(norm).toBeCloseTo(12, 4)
    const got = await runOnce(runtime, given(1, 12), step)
    const end = norms(floats(got, 'codes'), 4)
    expect(end.reduce((sum, norm) => sum + norm, 0) / 7).toBeCloseTo(12, 4)
    const language = given(1, 12).language?.data as Float32Array
    const scale = floats(got, 'scale')[0] as number
    for (const [at, value] of floats(got, 'codes').entries())
      expect(value).toBeCloseTo((language[at] as number) * scale, 4)
  })

  it('finds the codes that the published search finds: rescaled features against C, with rows of mean norm 1', async () => {
    for (const featureNorm of [0.5, 12, 60]) {
      const inputs = { ...given(0.4, featureNorm), z: randomFloats(9, [50, 4], -featureNorm, featureNorm) }
      const got = await runOnce(runtime, inputs, ({ z, average, language, ramp }: Tensors) => {
        const rows = tf.div(language as Tensor, meanNorm(language as Tensor))
        const zNorm = meanNorm(z as Tensor)
        const numbers = { ramp: ramp as Tensor, featureNorm: zNorm, languageNorm: meanNorm(rows) }
        const own = nearestCode(z as Tensor, releaseCodes(average as Tensor, rows, numbers))
        // FIELD 2, as it stands there, with m = mean|C_L| = 1.
        const rescaled = tf.mul(z as Tensor, tf.minimum(1, tf.div(30, zNorm)))
        const s = tf.div(meanNorm(rescaled), 30)
        const unit = tf.div(average as Tensor, tf.sqrt(tf.sum(tf.square(average as Tensor), 1, true)))
        const published = tf.mul(s, tf.add(tf.mul(unit, tf.sub(1, ramp as Tensor)), tf.mul(rows, ramp as Tensor)))
        return { own, theirs: nearestCode(tf.div(rescaled, 30), published) }
      })
      expect([...ints(got, 'own')]).toEqual([...ints(got, 'theirs')])
    }
  })

  it('has no NaN for features of nothing, codes of nothing and a table of one row', async () => {
    const zeros = { data: new Float32Array(4), shape: [1, 4], dtype: 'float32' } as const
    for (const ramp of [0, 0.5, 1])
      for (const featureNorm of [0, 3]) {
        const inputs = { average: zeros, language: zeros, ramp: scalar(ramp), featureNorm: scalar(featureNorm) }
        const got = await runOnce(runtime, inputs, step)
        expect([...floats(got, 'codes')]).toEqual([0, 0, 0, 0])
        expect(Number.isFinite(floats(got, 'scale')[0])).toBe(true)
      }
  })
})
