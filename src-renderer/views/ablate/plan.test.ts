import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import quick from '../../../resources/presets/quick.json'
import { applyChanges, changesBetween, formatValues, parsePlan, parseSeeds, parseValues, planParams } from './plan.ts'

const { baseline } = quick

describe('the plan in the address', () => {
  it('comes back as it was written', () => {
    const plan = {
      preset: 'quick',
      run: '',
      name: 'λ & interval = 5?',
      changes: { 'codebook.interval': 5, 'data.source': { kind: 'folder', path: '/a b/c' } },
      factors: [{ path: 'codebook.paradigm', values: ['frozen', 'dual'] }],
      seeds: [0, 7],
    }
    const text = planParams(plan).toString()
    expect(parsePlan(new URLSearchParams(text))).toEqual({ plan, unreadable: [] })
  })
  it('names the parameters that cannot be read and keeps the others', () => {
    const { plan, unreadable } = parsePlan(new URLSearchParams('preset=quick&factors=[broken&seeds=1,x&name=n'))
    expect(unreadable).toEqual(['factors', 'seeds'])
    expect(plan).toMatchObject({ preset: 'quick', name: 'n', factors: null, seeds: null })
  })
  it('starts from the quick preset when it says nothing', () => {
    expect(parsePlan(new URLSearchParams()).plan.preset).toBe('quick')
  })
})

describe('changes of a baseline', () => {
  it('name only what differs', () => {
    const edited = structuredClone(baseline)
    edited.codebook.interval = 7
    expect(changesBetween(baseline, edited)).toEqual({ 'codebook.interval': 7 })
  })
  it('lead back to the edited config, with unknown, missing and exchanged parts', () => {
    const edited = {
      ...structuredClone(baseline),
      codebook: { ...baseline.codebook, intervall: 3 },
      data: { ...baseline.data, source: { kind: 'folder', path: '/p' } },
      losses: { reconstruction: 'mse' },
      trainign: {},
    }
    expect(applyChanges(baseline, changesBetween(baseline, edited))).toEqual(edited)
  })
  it('do not touch the baseline', () => {
    const before = JSON.stringify(baseline)
    applyChanges(baseline, { 'codebook.interval': 1, name: null })
    expect(JSON.stringify(baseline)).toBe(before)
  })
})

describe('values of a factor', () => {
  it('are read as numbers, words, lists and objects', () => {
    expect(parseValues('0.5, 1e-3')).toEqual([0.5, 0.001])
    expect(parseValues('frozen, dual')).toEqual(['frozen', 'dual'])
    expect(parseValues('[32, 64], [16, 32]')).toEqual([
      [32, 64],
      [16, 32],
    ])
    expect(parseValues('{"kind":"vq","layers":1}')).toEqual([{ kind: 'vq', layers: 1 }])
    expect(parseValues('true, adaptive')).toEqual([true, 'adaptive'])
  })
  it('are written so that they are read back', () => {
    const value = fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.array(fc.integer()),
    )
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (values) => {
        expect(JSON.stringify(parseValues(formatValues(values)))).toBe(JSON.stringify(values))
      }),
    )
  })
})

describe('seeds', () => {
  it('are read from lists and ranges', () => {
    expect(parseSeeds('0, 1 5')).toEqual([0, 1, 5])
    expect(parseSeeds('0-3, 9')).toEqual([0, 1, 2, 3, 9])
  })
  it('are refused when they are no whole numbers', () => {
    for (const text of ['', 'a', '1.5', '-1', '3-1', '0-99999']) expect(parseSeeds(text)).toBeNull()
  })
})
