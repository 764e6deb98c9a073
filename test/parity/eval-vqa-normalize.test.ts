import { expect, it } from 'vitest'
import { z } from 'zod'
import { type NormaliserName, normalisers } from '../../src-main/evaluation/answers/normalise.ts'
import { describeReference } from './reference.ts'

const caseSchema = z.object({
  inputs: z.object({ answers: z.array(z.string()), groups: z.array(z.string()) }),
  expected: z.record(z.string(), z.array(z.string())),
})

describeReference('eval-vqa-normalize', (reference) => {
  const { inputs, expected } = reference.read(caseSchema)

  it('has an implementation of each published normaliser', () => {
    expect(Object.keys(normalisers)).toEqual(expect.arrayContaining(Object.keys(expected)))
  })

  for (const [name, want] of Object.entries(expected))
    it(`normalises every answer as ${name} does`, () => {
      const normalise = normalisers[name as NormaliserName]
      const label = (index: number) => `${index} (${inputs.groups[index]}) ${JSON.stringify(inputs.answers[index])}`
      const got = inputs.answers.map((answer, index) => `${label(index)}: ${normalise(answer)}`)
      expect(got).toEqual(want.map((text, index) => `${label(index)}: ${text}`))
    })
})
