import { describe, expect, it } from 'vitest'
import { driftStatement, driftSummary } from './drift-statement.ts'

describe('driftSummary', () => {
  it('averages over all codes and over used codes apart', () => {
    expect(driftSummary([1, 0.5, 0], [0, 1, 2], [0, 3, 1])).toEqual({
      codes: 3,
      used: 2,
      cosine: 0.5,
      distance: 1,
      usedCosine: 0.25,
      usedDistance: 1.5,
    })
  })
  it('has no mean over used codes when none is used', () => {
    expect(driftSummary([1], [0], [0])).toMatchObject({ used: 0, usedCosine: null, usedDistance: null })
  })
})

describe('driftStatement', () => {
  it('calls a codebook with cosine near zero unified in name only', () => {
    expect(driftStatement(driftSummary([0.07, 0.07], [1, 1], [1, 1]))).toContain('0.07')
    expect(driftStatement(driftSummary([0.07, 0.07], [1, 1], [1, 1]))).toContain('unified in name only')
  })
  it('says when untouched codes hide the drift of the used ones', () => {
    const cosine = [...new Array(99).fill(1), 0]
    expect(driftStatement(driftSummary(cosine, cosine, [...new Array(99).fill(0), 5]))).toContain('hide this')
  })
  it('calls identical tables fully unified', () => {
    expect(driftStatement(driftSummary([1], [0], [2]))).toContain('fully unified')
  })
  it('claims nothing when no code is used', () => {
    expect(driftStatement(driftSummary([0.1], [0], [0]))).toContain('nothing yet')
  })
})
