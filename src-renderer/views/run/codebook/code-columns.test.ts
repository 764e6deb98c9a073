import { describe, expect, it } from 'vitest'
import { recordedLayer, recordedSample } from '../../../../test/fixtures/recorded-sample.ts'
import { codeColumns, sortCodes } from './code-columns.ts'

const sample = recordedSample({
  layers: [recordedLayer([5, 0, 0], [20, 7, -1], [90, 30, -1]), recordedLayer([1, 2, 0], [3, 50, -1], [80, 60, -1])],
  cosine: Float32Array.of(1, 0.5, 0.25),
  distance: Float32Array.of(0, 1, 1),
  rank: Int32Array.of(0, 12, -1),
  restarts: Int32Array.of(0, 2, 1),
  lastRestart: Int32Array.of(-1, 40, 5),
})
const valuesOf = (key: string, at: number | null) => {
  const column = codeColumns(sample, at).find((one) => one.key === key)
  return [0, 1, 2].map((code) => column?.value(code))
}

describe('the columns of codes', () => {
  it('add the layers up, and take the earliest first use and the latest last use of them', () => {
    expect(valuesOf('hits', null)).toEqual([6, 2, 0])
    expect(valuesOf('birth', null)).toEqual([3, 7, Number.NaN])
    expect(valuesOf('lastUse', null)).toEqual([90, 60, Number.NaN])
  })

  it('show one layer alone where one is chosen', () => {
    expect(valuesOf('hits', 1)).toEqual([1, 2, 0])
    expect(valuesOf('birth', 0)).toEqual([20, 7, Number.NaN])
  })

  it('have none for what the sample lacks, and no value for a rank that was not worked out', () => {
    expect(codeColumns(sample, null).map(({ key }) => key)).toEqual([
      'hits',
      'birth',
      'lastUse',
      'restarts',
      'cosine',
      'rank',
    ])
    expect(valuesOf('rank', null)).toEqual([0, 12, Number.NaN])
  })
})

it('sorts codes either way, ties by id and codes without a value last', () => {
  const values = [4, Number.NaN, 9, 4]
  const codes = Int32Array.of(3, 2, 1, 0)
  const value = (code: number) => values[code] as number
  expect([...sortCodes(codes, value, true)]).toEqual([2, 0, 3, 1])
  expect([...sortCodes(codes, value, false)]).toEqual([0, 3, 2, 1])
})
