import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src-shared/events.ts'
import { readPresets } from '../services/presets.ts'
import { metricsCsv, metricsDocument, metricTable } from './metrics-export.ts'

const metrics = (seq: number, time: number, step: number, values: Record<string, number>): RunEvent => ({
  seq,
  time,
  kind: 'metrics',
  step,
  values,
})
const events: RunEvent[] = [
  { seq: 1, time: 1000, kind: 'started', attempt: 1, pid: 1, step: 0, threads: 1 },
  metrics(2, 2000, 1, { 'loss.reconstruction': 0.5 }),
  metrics(3, 3000, 2, { 'loss.reconstruction': 0.4 }),
  metrics(4, 3500, 2, { 'heldout.mse': 0.3 }),
  { seq: 5, time: 9000, kind: 'started', attempt: 2, pid: 2, step: 1, threads: 1 },
  metrics(6, 9500, 2, { 'loss.reconstruction': 0.45 }),
]

describe('exported metrics', () => {
  it('are one CSV line per step, the later value where a step was trained twice, empty where there is none', () => {
    expect(metricsCsv(metricTable(events))).toBe(
      'step,seconds,heldout.mse,loss.reconstruction\n1,1,,0.5\n2,8.5,0.3,0.45\n',
    )
  })

  it('carry unit, definition and config as JSON', () => {
    const config = readPresets()[0]?.baseline as Parameters<typeof metricsDocument>[1]
    const document = metricsDocument(metricTable(events), config)
    expect(document.config).toBe(config)
    expect(document.metrics['heldout.mse']).toMatchObject({ step: [2], value: [0.3], unit: expect.stringMatching(/./) })
    expect(document.metrics['heldout.mse']?.definition).toContain('held-out')
  })
})
