import { expect, it } from 'vitest'
import { z } from 'zod'
import { choiceIndex, readChoice } from '../../src-main/evaluation/answers/choice-letter.ts'
import { twoDecimals } from '../../src-main/evaluation/answers/python-text.ts'
import { PICTURED, SHOWN, withOrWithout } from '../../src-main/evaluation/answers/scoring.ts'
import { percents, questionOf, scoreInOrder } from './answers.ts'
import { describeReference, expectClose } from './reference.ts'

const figure = z.object({ correct: z.int(), count: z.int(), accuracy_percent: z.number() })
const caseSchema = z.object({
  inputs: z.object({
    questions: z.array(
      z.object({
        question_id: z.string(),
        choices: z.array(z.string()),
        answer: z.int(),
        image: z.boolean(),
        prediction: z.object({ prompt: z.string(), text: z.string() }).nullable(),
      }),
    ),
  }),
  expected: z.object({
    parsed: z.array(z.string()),
    predicted_index: z.array(z.int()),
    correct: z.array(z.boolean()),
    is_multimodal: z.array(z.boolean().nullable()),
    total: figure,
    image: figure,
    printed: z.object({ total_percent: z.string(), image_percent: z.string() }),
  }),
  tolerance: z.object({ percent: z.object({ atol: z.number().default(0), rtol: z.number().default(0) }) }),
})

describeReference('eval-scienceqa', (reference) => {
  const { inputs, expected, tolerance } = reference.read(caseSchema)
  const questions = inputs.questions.map(({ question_id, choices, answer, image }) =>
    questionOf({
      id: question_id,
      options: choices,
      truth: [String.fromCharCode(65 + answer)],
      image: image ? { kind: 'file', names: ['image.png'] } : null,
      groups: { [PICTURED]: withOrWithout(image) },
    }),
  )
  const predictions = inputs.questions.map(({ prediction }) => prediction)
  const { figures, rows, headline } = scoreInOrder('scienceqa', questions, predictions, { unanswered: 'wrong' })

  it('reads the letter of every answer', () => {
    const got = predictions.map((prediction) => (prediction && readChoice(prediction.text)) ?? 'FAILED')
    expect(got).toEqual(expected.parsed)
    expect(rows.map(({ read }) => read ?? 'FAILED')).toEqual(expected.parsed)
  })

  it('finds the letter among the question’s own choices', () => {
    const got = rows.map(({ read, options }) => choiceIndex(read, options.length))
    expect(got).toEqual(expected.predicted_index)
    expect(rows.map(({ score }) => score === 1)).toEqual(expected.correct)
  })

  it('tells questions with a picture by their prompt, and cannot tell without an answer', () => {
    const shown = (group: string | undefined) => (group === undefined ? null : group === withOrWithout(true))
    expect(rows.map(({ groups }) => shown(groups[SHOWN]))).toEqual(
      expected.is_multimodal.map((is, at) => (predictions[at] ? is : null)),
    )
  })

  const { atol, rtol } = tolerance.percent
  it('computes the accuracy of all questions and of those with a picture', () => {
    const { total, image } = expected
    expect(figures[0]?.questions).toBe(total.count)
    expectClose([percents(figures, 'accuracy', '')[''] ?? Number.NaN], [total.accuracy_percent], atol, rtol, 'total')
    expect(headline).toMatchObject({ by: SHOWN, group: withOrWithout(true), questions: image.count })
    expectClose([headline.percent], [image.accuracy_percent], atol, rtol, 'image')
  })

  it('prints two decimals', () => {
    const { printed } = expected
    expect(twoDecimals(figures[0]?.percent ?? Number.NaN)).toBe(printed.total_percent)
    expect(twoDecimals(headline.percent)).toBe(printed.image_percent)
  })
})
