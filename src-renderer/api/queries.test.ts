import { describe, expect, it } from 'vitest'
import { showsChange } from './queries.ts'

describe('showsChange', () => {
  it('refreshes the table, the page and the curves of a run that changed', () => {
    const change = { topic: 'run', id: 'a' } as const
    expect(showsChange(['runs'], change)).toBe(true)
    expect(showsChange(['run', 'a'], change)).toBe(true)
    expect(showsChange(['run', 'a', 'log'], change)).toBe(true)
    expect(showsChange(['metrics', { runIds: ['b', 'a'], names: ['x'] }], change)).toBe(true)
  })

  it('refreshes the live paper with every run, and with what is imported', () => {
    expect(showsChange(['paper', 'table', 4, null], { topic: 'run', id: 'a' })).toBe(true)
    expect(showsChange(['paper', 'list'], { topic: 'paper' })).toBe(true)
    expect(showsChange(['runs'], { topic: 'paper' })).toBe(false)
  })

  it('leaves alone what shows other runs', () => {
    const change = { topic: 'run', id: 'a' } as const
    expect(showsChange(['run', 'b'], change)).toBe(false)
    expect(showsChange(['metrics', { runIds: ['b'], names: ['x'] }], change)).toBe(false)
    expect(showsChange(['ablations'], change)).toBe(false)
    expect(showsChange(['presets'], change)).toBe(false)
  })
})
