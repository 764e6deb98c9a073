import { expect, it } from 'vitest'
import { z } from 'zod'
import { MEAN_OF_SPLITS, SPLIT } from '../../src-main/evaluation/answers/scoring.ts'
import { countYesNo, readLabel, readYesNo } from '../../src-main/evaluation/answers/yes-no.ts'
import type { AnswerMetricName } from '../../src-shared/answer-results.ts'
import { percents, questionOf, scoreInOrder } from './answers.ts'
import { describeReference, expectClose } from './reference.ts'

const metrics = z.record(z.string(), z.number())
const caseSchema = z.object({
  inputs: z.object({
    splits: z.record(z.string(), z.array(z.object({ output: z.string(), label: z.string() }))),
  }),
  expected: z.object({
    parsed: z.record(z.string(), z.array(z.string())),
    metrics: z.record(z.string(), z.object({ tp: z.int(), fp: z.int(), tn: z.int(), fn: z.int() })),
    robust: z.record(z.string(), metrics),
    mean_of_three_splits: metrics,
  }),
  tolerance: z.object({ metrics: z.object({ atol: z.number().default(0), rtol: z.number().default(0) }) }),
})

describeReference('eval-pope', (reference) => {
  const { inputs, expected, tolerance } = reference.read(caseSchema)
  const splits = Object.entries(inputs.splits)
  const questions = splits.flatMap(([split, rows]) =>
    rows.map(({ label }, at) => questionOf({ id: `${split}/${at}`, truth: [label], groups: { [SPLIT]: split } })),
  )
  const outputs = splits.flatMap(([, rows]) => rows.map(({ output }) => ({ text: output })))
  const { figures, rows } = scoreInOrder('pope', questions, outputs)

  it('reads every answer as yes or no', () => {
    const got = Object.fromEntries(
      splits.map(([split]) => [split, rows.filter(({ groups }) => groups[SPLIT] === split).map(({ read }) => read)]),
    )
    expect(got).toEqual(expected.parsed)
  })

  it('counts answers by their label', () => {
    for (const [split, { tp, fp, tn, fn }] of Object.entries(expected.metrics)) {
      const answers = (inputs.splits[split] ?? []).map(({ output, label }) => ({
        read: readYesNo(output),
        label: readLabel(label),
      }))
      expect({ split, ...countYesNo(answers) }).toEqual({
        split,
        truePositives: tp,
        falsePositives: fp,
        trueNegatives: tn,
        falseNegatives: fn,
      })
    }
  })

  function check(want: Record<string, number>, by: string, group: string) {
    for (const [key, value] of Object.entries(want)) {
      const metric = key.replaceAll('_', '-') as AnswerMetricName
      const got = percents(figures, metric, by)[group] ?? Number.NaN
      expectClose([got / 100], [value], tolerance.metrics.atol, tolerance.metrics.rtol, `${group}: ${key}`)
    }
  }

  it('computes the metrics of every split, without an exception where a denominator is 0', () => {
    for (const [split, want] of Object.entries(expected.robust)) check(want, SPLIT, split)
  })

  it('averages the three splits that papers average', () => {
    const [group = ''] = Object.keys(percents(figures, 'f1', MEAN_OF_SPLITS))
    check(expected.mean_of_three_splits, MEAN_OF_SPLITS, group)
  })
})
