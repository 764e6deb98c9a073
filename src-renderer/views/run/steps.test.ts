import { describe, expect, it } from 'vitest'
import { commonSteps, nearestStep, neighbouringStep } from './steps.ts'

describe('nearestStep', () => {
  it('is the last recorded step until one is asked for', () => {
    expect(nearestStep([0, 50, 100], null)).toBe(100)
    expect(nearestStep([], 3)).toBeNull()
  })
  it('is the closest recorded step to the one in the address', () => {
    expect(nearestStep([0, 50, 100], 70)).toBe(50)
    expect(nearestStep([0, 50, 100], 9999)).toBe(100)
  })
})

describe('neighbouringStep', () => {
  it('moves among recorded steps and stops at both ends', () => {
    expect(neighbouringStep([0, 50, 100], 50, 1)).toBe(100)
    expect(neighbouringStep([0, 50, 100], 100, 1)).toBe(100)
    expect(neighbouringStep([0, 50, 100], 0, -1)).toBe(0)
  })
})

describe('commonSteps', () => {
  it('keeps only steps that every run recorded', () => {
    expect(
      commonSteps([
        [0, 50, 100, 150],
        [0, 100],
        [0, 25, 100, 200],
      ]),
    ).toEqual([0, 100])
    expect(commonSteps([])).toEqual([])
  })
})
