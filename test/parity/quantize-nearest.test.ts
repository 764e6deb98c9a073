import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { nearestCode } from '../../src-main/engine/operations/nearest-code.ts'
import { floats, ints } from '../../src-main/engine/runtimes/runtime.ts'
import { runOnce, runtimes } from '../../src-main/engine/testing/programs.ts'
import { type Tensor, tf } from '../../src-main/engine/tf.ts'
import { lookUp } from '../../src-main/tokenizers/quantizers/search.ts'
import { describeReference } from './reference.ts'
import { hostTensor } from './tensors.ts'

/** Groups that defeat any single float32 formula: a measure of the chosen one, not a requirement. */
const MEASURED = ['large_close', 'offset']

function nearest({ z, codebook }: Record<string, Tensor>): Record<string, Tensor> {
  const indices = nearestCode(z as Tensor, codebook as Tensor)
  return { indices, distance: tf.sum(tf.squaredDifference(z as Tensor, lookUp(codebook as Tensor, indices)), 1) }
}

describeReference('quantize-nearest', (reference) => {
  const groups = Object.keys(reference.read(z.object({ groups: z.record(z.string(), z.unknown()) })).groups)
  const inputs = (group: string) => ({
    z: hostTensor(reference.input(`${group}.z`)),
    codebook: hostTensor(reference.input(`${group}.codebook`)),
  })

  describe.each(runtimes)('on $name', (runtime) => {
    it.each(groups.filter((group) => !MEASURED.includes(group)))(
      'finds the nearest code of every vector of %s, the lowest on a tie, and its distance',
      async (group) => {
        const got = await runOnce(runtime, inputs(group), nearest)
        reference.expectTensor(`${group}.indices`, ints(got, 'indices'))
        reference.expectTensor(`${group}.distance`, floats(got, 'distance'))
      },
    )

    it.each(groups.filter((group) => MEASURED.includes(group)))(
      'counts how many vectors of %s one float32 formula gets wrong',
      async (group) => {
        const indices = ints(await runOnce(runtime, inputs(group), nearest), 'indices')
        const wanted = reference.expected(`${group}.indices`).integers
        expect(indices.length).toBe(wanted.length)
        const wrong = indices.filter((index, row) => index !== wanted[row]).length
        process.stderr.write(`parity quantize-nearest: ${runtime.name}, ${group}: ${wrong} of ${wanted.length} wrong\n`)
      },
    )
  })
})
