import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { guide, tokenDistribution } from '../../src-main/language/sampling.ts'
import { describeReference, expectClose } from './reference.ts'

const setting = z
  .object({ temperature: z.number(), top_k: z.int().nullable(), top_p: z.number().nullable() })
  .transform(({ temperature, top_k, top_p }) => ({ temperature, topK: top_k, topP: top_p }))
const caseSchema = z.object({ params: z.object({ settings: z.array(setting), scales: z.array(z.number()) }) })

describeReference('sampling', (reference) => {
  const { settings, scales } = reference.read(caseSchema).params
  const logits = reference.input('logits')
  const [rows, vocabulary] = logits.shape as [number, number]

  it('temperature, top-k and top-p leave the tokens and probabilities of every setting, and exactly 0 elsewhere', () => {
    const probabilities = new Float64Array(settings.length * rows * vocabulary)
    const kept: number[] = []
    for (const [index, setting] of settings.entries())
      for (let row = 0; row < rows; row++) {
        const distribution = tokenDistribution(logits.row(row), setting)
        kept.push(distribution.ids.length)
        for (const [at, id] of distribution.ids.entries())
          probabilities[(index * rows + row) * vocabulary + id] = distribution.probabilities[at] as number
      }
    reference.expectTensor('kept', kept)
    reference.expectTensor('probs', probabilities)
    const wanted = reference.expected('probs').floats
    expect([...probabilities].map((value) => value === 0)).toEqual([...wanted].map((value) => value === 0))
  })

  describe('guidance', () => {
    const [conditional, unconditional] = [reference.input('cond'), reference.input('uncond')]
    const guided = reference.expected('guided')
    it.each(scales.map((scale, index) => ({ scale, index })))(
      'of scale $scale moves from the unconditional to the conditional logits and beyond',
      ({ scale, index }) => {
        const got = guide(conditional.floats, unconditional.floats, scale)
        expectClose(got, guided.row(index), guided.atol, guided.rtol, `guided[${index}]`)
      },
    )
  })
})
