import { expect, it } from 'vitest'
import { runSummary as run } from '../../../test/fixtures/run-summary.ts'
import { latestRun, latestRunWith } from './latest-run.ts'

it('is the run that began to train last, though others were planned after it', () => {
  const early = run({ id: 'early', createdAt: 5, startedAt: 10 })
  const late = run({ id: 'late', createdAt: 1, startedAt: 20 })
  const queued = run({ id: 'queued', state: 'queued', createdAt: 9 })
  expect(latestRun([early, late, queued])?.id).toBe('late')
})

it('is the one planned last while none has begun, and none without runs', () => {
  const queued = [3, 8, 5].map((createdAt) => run({ id: `at ${createdAt}`, state: 'queued', createdAt }))
  expect(latestRun(queued)?.id).toBe('at 8')
  expect(latestRun([])).toBeUndefined()
})

it('is for talking the latest one that has begun to learn it', () => {
  const speaks = run({ id: 'speaks', startedAt: 10, latest: { 'multimodal.loss': 2 } })
  const late = run({ id: 'late', startedAt: 20 })
  expect(latestRunWith([speaks, late], 'speak')?.id).toBe('speaks')
  expect(latestRunWith([speaks, late], 'maps')?.id).toBe('late')
  expect(latestRunWith([late], 'speak')).toBeUndefined()
  const paints = run({ id: 'paints', startedAt: 15, latest: { 'prior.loss': 3 } })
  expect(latestRunWith([speaks, paints, late], 'speak')?.id).toBe('paints')
})
