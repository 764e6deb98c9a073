import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { nearestCode } from '../../src-main/engine/operations/nearest-code.ts'
import { floats, ints } from '../../src-main/engine/runtimes/runtime.ts'
import { runOnce, runtimes } from '../../src-main/engine/testing/programs.ts'
import { type Tensor, tf } from '../../src-main/engine/tf.ts'
import { lookUp } from '../../src-main/tokenizers/quantizers/search.ts'
import { describeReference } from './reference.ts'
import { hostTensor } from './tensors.ts'

const caseSchema = z.object({
  /** How often each formula errs in float32. */
  groups: z.record(z.string(), z.object({ float32_wrong: z.record(z.string(), z.int()) })),
})

function nearest({ z, codebook }: Record<string, Tensor>): Record<string, Tensor> {
  const indices = nearestCode(z as Tensor, codebook as Tensor)
  return { indices, distance: tf.sum(tf.squaredDifference(z as Tensor, lookUp(codebook as Tensor, indices)), 1) }
}

describeReference('quantize-nearest', (reference) => {
  const groups = Object.entries(reference.read(caseSchema).groups)
  /** Groups that defeat some formula in float32 are a measure of the chosen one, not a requirement. */
  const named = (measured: boolean) =>
    groups
      .filter(([, { float32_wrong }]) => Object.values(float32_wrong).some((wrong) => wrong > 0) === measured)
      .map(([group]) => group)
  const inputs = (group: string) => ({
    z: hostTensor(reference.input(`${group}.z`)),
    codebook: hostTensor(reference.input(`${group}.codebook`)),
  })

  describe.each(runtimes)('on $name', (runtime) => {
    it.each(named(false))(
      'finds the nearest code of every vector of %s, the lowest on a tie, and its distance',
      async (group) => {
        const got = await runOnce(runtime, inputs(group), nearest)
        reference.expectTensor(`${group}.indices`, ints(got, 'indices'))
        reference.expectTensor(`${group}.distance`, floats(got, 'distance'))
      },
    )

    it.each(named(true))('counts how many vectors of %s one float32 formula gets wrong', async (group) => {
      const indices = ints(await runOnce(runtime, inputs(group), nearest), 'indices')
      const wanted = reference.expected(`${group}.indices`).integers
      expect(indices.length).toBe(wanted.length)
      const wrong = indices.filter((index, row) => index !== wanted[row]).length
      process.stderr.write(`parity quantize-nearest: ${runtime.name}, ${group}: ${wrong} of ${wanted.length} wrong\n`)
    })
  })
})
