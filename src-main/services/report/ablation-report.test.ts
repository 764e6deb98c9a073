import { expect, it } from 'vitest'
import type { AblationDetail, Cell } from '../../../src-shared/contract/ablations.ts'
import type { MetricSeries } from '../../../src-shared/contract/runs.ts'
import { encodeSafetensors } from '../../../src-shared/safetensors.ts'
import { smallConfig } from '../../../test/fakes/small-config.ts'
import { ablationReport, pointsOf } from './ablation-report.ts'

const series = (runId: string, step: number[], value: number[]): MetricSeries => ({
  runId,
  name: 'heldout.mse',
  step,
  seconds: step,
  value,
  total: step.length,
})

const cell = (values: number[], difference: Cell['difference'] = null, best = false): Cell => ({
  n: values.length,
  mean: values.reduce((sum, value) => sum + value, 0) / values.length,
  std: values.length > 1 ? 0.01 : null,
  best,
  difference,
  values: values.map((value, seed) => ({ runId: `run-${seed}`, seed, value })),
})

const detail = {
  name: 'two rules',
  seeds: [0, 1],
  baseline: smallConfig(),
  metrics: ['heldout.mse', 'usage.codes.0'],
  arms: [
    {
      label: 'iterative',
      settings: {},
      isBaseline: true,
      runIds: ['a0', 'a1'],
      cells: { 'heldout.mse': cell([0.2, 0.4]) },
    },
    {
      label: 'frozen',
      settings: { 'codebook.paradigm': 'frozen' },
      isBaseline: false,
      runIds: ['b0', 'b1'],
      cells: { 'heldout.mse': cell([0.1, 0.1], { mean: -0.2, low: -0.35, high: -0.05 }, true) },
    },
  ],
} as unknown as AblationDetail

const sample = (colour: number) =>
  encodeSafetensors({
    input: { dtype: 'U8', shape: [1, 32, 32, 3], data: new Uint8Array(32 * 32 * 3).fill(9) },
    reconstruction: { dtype: 'U8', shape: [1, 32, 32, 3], data: new Uint8Array(32 * 32 * 3).fill(colour) },
  })

const nothingLater = { painting: async () => null, answers: async () => null }

it('averages the steps that every seed has reached', () => {
  const points = pointsOf([series('a', [0, 10, 20], [1, 2, 3]), series('b', [0, 10], [3, 4])])
  expect(points.map(({ step, mean }) => [step, mean])).toEqual([
    [0, 2],
    [10, 3],
  ])
  expect(points[0]?.high).toBeCloseTo(2 + Math.SQRT2, 6)
})

it('says of each arm its mean, its spread and its difference from the baseline, and shows its curves and pictures', async () => {
  const report = await ablationReport({
    detail,
    series: async (runIds) => runIds.map((id) => series(id, [0, 10], [0.5, 0.2])),
    sample: async (id) => sample(id.startsWith('a') ? 100 : 200),
    ...nothingLater,
  })
  expect(Object.keys(report).toSorted()).toEqual(['heldout.mse.svg', 'reconstructions.png', 'report.md'])
  const page = report['report.md'] as string
  expect(page).toContain('| Held-out MSE ↓ | 0.3 ± 0.01 | **0.1 ± 0.01**<br>−0.2 [−0.35, −0.05] |')
  // Nothing was measured of it.
  expect(page).not.toContain('Codes used')
  expect(page).toContain('(heldout.mse.svg)')
})

it('leaves out what is not there: pictures without samples, curves of a single point', async () => {
  const report = await ablationReport({
    detail,
    series: async (runIds) => runIds.map((id) => series(id, [10], [0.2])),
    sample: async () => null,
    ...nothingLater,
  })
  expect(Object.keys(report)).toEqual(['report.md'])
  expect(report['report.md']).not.toContain('reconstructions.png')
})
