import { describe, expect, it } from 'vitest'
import { filterLines, logLine } from './log-lines.ts'

const base = { seq: 1, time: 0 }
const sync = logLine({
  ...base,
  kind: 'sync',
  step: 20,
  before: { cosine: 0.5, distance: 1 },
  after: { cosine: 0.75, distance: 0.5 },
})
const failed = logLine({ ...base, kind: 'ended', state: 'failed', step: 3, reason: 'Loss is not a number.' })

describe('logLine', () => {
  it('writes a sync as what it changed', () => {
    expect(sync.text).toBe('Sync (Eq. 3): cosine 0.500 → 0.750, distance 1.000 → 0.500')
  })
  it('makes a failed end an error with its reason, and an orderly end no error', () => {
    expect(failed).toMatchObject({ level: 'error', text: 'Ended: failed. Loss is not a number.' })
    expect(logLine({ ...base, kind: 'ended', state: 'finished', step: 3, reason: '' })).toMatchObject({
      level: 'info',
      text: 'Ended: finished',
    })
  })
  it('tells a resumed attempt from the first', () => {
    const started = (attempt: number) =>
      logLine({ ...base, kind: 'started', attempt, pid: 7, step: 0, threads: 1 }).text
    expect(started(1)).toContain('Started')
    expect(started(3)).toContain('Resumed, attempt 3')
  })
})

it('writes message and remedy as sentences, leaving the name of a setting as it is', () => {
  const alarm = logLine({
    ...base,
    kind: 'alarm',
    step: 50,
    name: 'usage.low',
    message: 'few codes',
    remedy: 'codebook.restart may be raised',
  })
  expect(alarm).toMatchObject({ level: 'warning', text: 'usage.low: Few codes. codebook.restart may be raised.' })
})

describe('filterLines', () => {
  it('keeps lines at or above the level that contain the text', () => {
    expect(filterLines([sync, failed], 'warning', '')).toEqual([failed])
    expect(filterLines([sync, failed], 'info', 'EQ. 3')).toEqual([sync])
  })
})
