import { expect, it } from 'vitest'
import { z } from 'zod'
import { twoDecimals } from '../../src-main/evaluation/answers/python-text.ts'
import { ANSWER_TYPE, QUESTION_TYPE } from '../../src-main/evaluation/answers/scoring.ts'
import { questionInPrompt } from '../../src-main/evaluation/answers/textvqa-prompt.ts'
import type { AnswerResult, BenchmarkName } from '../../src-shared/answer-results.ts'
import { percents, questionOf, scoreInOrder } from './answers.ts'
import { describeReference, expectClose } from './reference.ts'

const group = z.record(z.string(), z.number())
const tolerance = z.object({ atol: z.number().default(0), rtol: z.number().default(0) })
const caseSchema = z.object({
  inputs: z.object({
    questions: z.array(
      z.object({
        question_id: z.int(),
        question_type: z.string(),
        answer_type: z.string(),
        prediction: z.string(),
        answers: z.array(z.string()),
      }),
    ),
    textvqa_prompts: z.array(z.string()),
  }),
  expected: z.object({ textvqa_questions: z.array(z.string()) }).catchall(
    z.object({
      per_question: z.array(z.number()),
      overall_percent: z.number(),
      overall_percent_rounded: z.number().optional(),
      per_question_type_percent: group.optional(),
      per_answer_type_percent: group.optional(),
    }),
  ),
  tolerance: z.object({ per_question: tolerance, percent: tolerance }),
})

const benchmarks: Record<string, BenchmarkName> = { vqa_v2: 'vqav2', vizwiz: 'vizwiz', textvqa: 'textvqa' }
const SUBMITTED = '_submitted_by_llava'

describeReference('eval-vqa-accuracy', (reference) => {
  const { inputs, expected, tolerance } = reference.read(caseSchema)
  const { textvqa_questions, ...results } = expected
  const questions = inputs.questions.map(({ question_id, question_type, answer_type, answers }) =>
    questionOf({
      id: String(question_id),
      truth: answers,
      groups: { [QUESTION_TYPE]: question_type, [ANSWER_TYPE]: answer_type },
    }),
  )
  const answers = inputs.questions.map(({ prediction }) => ({ text: prediction }))

  for (const [name, want] of Object.entries(results)) {
    const benchmark = benchmarks[name.replace(SUBMITTED, '')]
    const preparation: AnswerResult['preparation'] = name.endsWith(SUBMITTED) ? 'evalai' : 'none'

    it(`scores every question and the whole as ${name}`, () => {
      if (!benchmark) throw new Error(`eval-vqa-accuracy expects "${name}", which is no benchmark here`)
      const { rows, figures, headline } = scoreInOrder(benchmark, questions, answers, { preparation })
      const { atol, rtol } = tolerance.per_question
      expectClose(
        rows.map(({ score }) => score),
        want.per_question,
        atol,
        rtol,
        `${name}: per_question`,
      )
      const close = (got: number, percent: number, label: string) =>
        expectClose([got], [percent], tolerance.percent.atol, tolerance.percent.rtol, `${name}: ${label}`)
      close(headline.percent, want.overall_percent, 'overall')
      if (want.overall_percent_rounded !== undefined)
        expect(Number(twoDecimals(headline.percent))).toBe(want.overall_percent_rounded)
      const kinds = { [QUESTION_TYPE]: want.per_question_type_percent, [ANSWER_TYPE]: want.per_answer_type_percent }
      for (const [by, groups] of Object.entries(kinds)) {
        if (!groups) continue
        const got = percents(figures, 'vqa-accuracy', by)
        expect(Object.keys(got).sort()).toEqual(Object.keys(groups).sort())
        for (const [key, percent] of Object.entries(groups)) close(got[key] ?? Number.NaN, percent, key)
      }
    })
  }

  it('reads the question back from LLaVA’s prompts for TextVQA', () => {
    expect(inputs.textvqa_prompts.map(questionInPrompt)).toEqual(textvqa_questions)
  })
})
