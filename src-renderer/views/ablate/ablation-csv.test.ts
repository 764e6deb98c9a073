import { expect, it } from 'vitest'
import quick from '../../../resources/presets/quick.json'
import type { AblationDetail, Cell } from '../../../src-shared/contract/ablations.ts'
import { ablationCsv } from './ablation-csv.ts'

const cell: Cell = {
  n: 2,
  mean: 0.25,
  std: 0.01,
  best: true,
  difference: { mean: -0.5, low: -0.75, high: null },
  values: [
    { runId: 'a', seed: 0, value: 0.24 },
    { runId: 'b', seed: 1, value: 0.26 },
  ],
}
const ablation: AblationDetail = {
  id: 'x',
  name: 'x',
  createdAt: 0,
  runCount: 2,
  finished: 2,
  failed: 0,
  running: 0,
  secondsLeft: null,
  factors: [{ path: 'codebook.paradigm', values: ['dual'] }],
  seeds: [0, 1],
  baseline: quick.baseline as AblationDetail['baseline'],
  arms: [
    {
      label: 'dual, "2"',
      settings: { 'codebook.paradigm': 'dual' },
      isBaseline: false,
      runIds: ['a', 'b'],
      cells: { 'heldout.mse': cell },
    },
  ],
  metrics: ['heldout.mse', 'drift.cosine'],
  provenance: {
    'heldout.': {
      extractor: '',
      extractorHash: '',
      referenceSet: 'held-out emoji',
      referenceHash: 'abc',
      transform: '32 px',
      count: 340,
      unit: 'pictures',
      software: 'UniCode Workbench 0.1.0',
    },
  },
  runs: [],
}

it('writes one row per arm and metric that has a cell, with quotes where needed', () => {
  const [header, row, end] = ablationCsv(ablation).split('\r\n')
  expect(header).toBe(
    'arm,baseline,codebook.paradigm,metric,unit,n,mean,std,best,difference,difference_low,difference_high,values,definition,extractor,measured_on,count,crop_and_size,software',
  )
  expect(row).toContain(
    '"dual, ""2""",no,dual,heldout.mse,"pixels in [−1, 1]",2,0.25,0.01,yes,-0.5,-0.75,,0:0.24 1:0.26,',
  )
  expect(row).toMatch(/held-out pictures.*,,held-out emoji abc,340,32 px,UniCode Workbench 0\.1\.0$/)
  expect(end).toBe('')
})
