import { describe, expect, it } from 'vitest'
import { duration, short, table } from './table.ts'

describe('text for people', () => {
  it('aligns words to the left and numbers to the right', () => {
    expect(
      table(
        ['arm', 'MSE'],
        [
          ['iterative', '0.05 ± 0.01'],
          ['dual', '–'],
        ],
      ).split('\n'),
    ).toEqual(['arm                MSE', '─────────  ───────────', 'iterative  0.05 ± 0.01', 'dual                 –'])
  })

  it('keeps ids that begin with digits to the left', () => {
    expect(
      table(['id'], [['20261124-1'], ['x']])
        .split('\n')
        .at(-1),
    ).toBe('x')
  })

  it('shortens numbers to four digits', () => {
    expect([0.0123456, 12.3456, 1234.56, 0, -0.5, 1e-9, 3e9, Number.POSITIVE_INFINITY].map(short)).toEqual([
      '0.01235',
      '12.35',
      '1235',
      '0',
      '-0.5000',
      '1.00e-9',
      '3.00e+9',
      'Infinity',
    ])
  })

  it('says durations in the largest units that matter', () => {
    expect([-1, 12.4, 60, 200, 3600, 3900].map(duration)).toEqual([
      '0 s',
      '12 s',
      '1 min',
      '3 min 20 s',
      '1 h',
      '1 h 5 min',
    ])
  })
})
