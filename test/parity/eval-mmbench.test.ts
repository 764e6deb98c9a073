import { expect, it } from 'vitest'
import { z } from 'zod'
import { circularHits } from '../../src-main/evaluation/answers/circular.ts'
import { matchOption } from '../../src-main/evaluation/answers/option-matching.ts'
import { CATEGORIES } from '../../src-main/evaluation/answers/scoring.ts'
import type { AnswerMetricName } from '../../src-shared/answer-results.ts'
import { percents, questionOf, scoreInOrder } from './answers.ts'
import { describeReference, expectClose } from './reference.ts'

const choices = z.record(z.string(), z.string())
const row = z.object({
  index: z.int(),
  question: z.string(),
  choices,
  answer: z.string(),
  category: z.string(),
  'l2-category': z.string(),
  prediction: z.string(),
})
const accuracy = z.record(z.string(), z.number())
const result = z.object({
  matched: z.array(z.string().nullable()),
  circular_hit: z.record(z.string(), z.int()),
  accuracy: z.object({ circular: accuracy, vanilla_first: accuracy, vanilla_all: accuracy }),
})
const caseSchema = z.object({
  inputs: z.object({ matching: z.array(z.object({ choices, output: z.string() })) }).catchall(z.array(row)),
  expected: z.object({ matching: z.array(z.string().nullable()) }).catchall(result),
  tolerance: z.object({ accuracy: z.object({ atol: z.number().default(0), rtol: z.number().default(0) }) }),
})

const METRICS: Record<keyof z.infer<typeof result>['accuracy'], AnswerMetricName> = {
  circular: 'circular-accuracy',
  vanilla_first: 'vanilla-accuracy-first',
  vanilla_all: 'vanilla-accuracy-all',
}

/** Options from A on, '' for a letter that is not among them. */
function listed(choices: Record<string, string>): string[] {
  const last = Math.max(...Object.keys(choices).map((letter) => letter.charCodeAt(0)))
  return Array.from({ length: last - 64 }, (_, at) => choices[String.fromCharCode(65 + at)] ?? '')
}

describeReference('eval-mmbench', (reference) => {
  const { inputs, expected, tolerance } = reference.read(caseSchema)
  const { matching, ...sets } = inputs
  const { matching: wantedMatches, ...results } = expected

  it('matches every output to an option, to none, or to a refusal', () => {
    const label = (at: number) => `${at} ${JSON.stringify(matching[at])}`
    const got = matching.map(({ output, choices }, at) => `${label(at)}: ${matchOption(output, choices)}`)
    expect(got).toEqual(wantedMatches.map((letter, at) => `${label(at)}: ${letter}`))
  })

  for (const [name, rows] of Object.entries(sets)) {
    const want = results[name]
    if (!want) throw new Error(`eval-mmbench has inputs "${name}" without results`)
    const questions = rows.map(({ index, choices, answer, category, ...rest }) =>
      questionOf({
        id: String(index),
        options: listed(choices),
        truth: [answer],
        groups: { category, 'l2-category': rest['l2-category'] },
      }),
    )
    const scored = scoreInOrder(
      'mmbench',
      questions,
      rows.map(({ prediction }) => ({ text: prediction })),
    )

    it(`matches every row of ${name}`, () => {
      expect(scored.rows.map(({ read }) => read)).toEqual(want.matched)
    })

    it(`finds which questions of ${name} are right in every rotation`, () => {
      const hits = circularHits(scored.rows.map(({ id, score }) => ({ index: Number(id), isRight: score === 1 })))
      expect(Object.fromEntries([...hits].map(([index, hit]) => [index, hit ? 1 : 0]))).toEqual(want.circular_hit)
    })

    it(`computes circular and vanilla accuracy of ${name}, overall and by category`, () => {
      for (const [key, metric] of Object.entries(METRICS)) {
        const groups = ['', ...CATEGORIES].map((by) => percents(scored.figures, metric, by))
        const got: Record<string, number> = Object.assign({}, ...groups)
        const wanted = want.accuracy[key as keyof typeof METRICS]
        const names = Object.keys(wanted)
        expect(
          Object.keys(got)
            .map((group) => group || 'Overall')
            .sort(),
        ).toEqual([...names].sort())
        expectClose(
          names.map((group) => (got[group === 'Overall' ? '' : group] ?? Number.NaN) / 100),
          names.map((group) => wanted[group] as number),
          tolerance.accuracy.atol,
          tolerance.accuracy.rtol,
          `${name}: ${key}`,
        )
      }
    })
  }
})
