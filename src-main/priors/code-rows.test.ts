import { describe, expect, it } from 'vitest'
import { tinyConfig } from '../../test/fixtures/tiny-experiment.ts'
import { codeRows } from './code-rows.ts'

describe('codes as a prior counts them', () => {
  it('are the codebook’s own where layers share it', () => {
    const rows = codeRows(tinyConfig(), { codes: 10, ids: null })
    expect([...rows.toRows(Int32Array.of(0, 9, 3), 1)]).toEqual([0, 9, 3])
    expect([...rows.toCodes(Int32Array.of(0, 9, 3), 1)]).toEqual([0, 9, 3])
  })

  it('count from 0 in each layer that has a codebook of its own, and come back', () => {
    const config = tinyConfig(({ codebook }) => {
      Object.assign(codebook, { paradigm: 'independent', size: 5, shared: false })
    })
    const rows = codeRows(config, { codes: 10, ids: null })
    expect([...rows.toRows(Int32Array.of(5, 9), 1)]).toEqual([0, 4])
    expect([...rows.toCodes(Int32Array.of(0, 4), 1)]).toEqual([5, 9])
    expect(() => rows.toRows(Int32Array.of(1, 5), 0)).toThrow('layer 0 has code 5 at place 1')
  })

  it('are the places of token ids among those that the codebook took', () => {
    const rows = codeRows(tinyConfig(), { codes: 3, ids: Int32Array.of(7, 20, 4000) })
    expect([...rows.toRows(Int32Array.of(4000, 7), 0)]).toEqual([2, 0])
    expect([...rows.toCodes(Int32Array.of(2, 0), 0)]).toEqual([4000, 7])
    expect(() => rows.toRows(Int32Array.of(8), 0)).toThrow('code 8')
  })
})
