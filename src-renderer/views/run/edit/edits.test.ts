import { describe, expect, it } from 'vitest'
import {
  changedCells,
  masked,
  type Pair,
  redo,
  sameMaps,
  selectedCells,
  startEditing,
  swapped,
  touchedCells,
  transplanted,
  undo,
  wholeLayer,
  withEdit,
} from './edits.ts'

const SIDES = [2, 4]
const count = (side: number, from: number) => Array.from({ length: side * side }, (_, at) => from + at)
const pair: Pair = { a: [count(2, 0), count(4, 100)], b: [count(2, 50), count(4, 200)] }

describe('a selection', () => {
  it('is a rectangle, whichever corner it began at', () => {
    expect(selectedCells({ layer: 1, from: 1, to: 10 }, SIDES)).toEqual([1, 2, 5, 6, 9, 10])
    expect(selectedCells({ layer: 1, from: 10, to: 1 }, SIDES)).toEqual([1, 2, 5, 6, 9, 10])
  })
  it('touches other layers over the same pixels only if they are linked', () => {
    expect(touchedCells({ layer: 0, from: 1, to: 1 }, SIDES, false)).toEqual([[1], []])
    expect(touchedCells({ layer: 0, from: 1, to: 1 }, SIDES, true)).toEqual([[1], [2, 3, 6, 7]])
    expect(touchedCells({ layer: 1, from: 0, to: 2 }, SIDES, true)).toEqual([
      [0, 1],
      [0, 1, 2],
    ])
  })
})

describe('an edit', () => {
  const cells = touchedCells({ layer: 0, from: 1, to: 1 }, SIDES, true)
  it('masks with one code', () => {
    expect(masked(pair.a, cells, 9)[0]).toEqual([0, 9, 2, 3])
    expect(changedCells(masked(pair.a, cells, 9), pair.a)).toEqual(cells)
  })
  it('transplants from B into A and leaves B', () => {
    const after = transplanted(pair, cells)
    expect(after.a[1]?.slice(0, 4)).toEqual([100, 101, 202, 203])
    expect(after.b).toBe(pair.b)
  })
  it('swaps a whole layer', () => {
    const after = swapped(pair, wholeLayer(0, SIDES))
    expect(after.a).toEqual([pair.b[0], pair.a[1]])
    expect(after.b).toEqual([pair.a[0], pair.b[1]])
  })
})

describe('the way back', () => {
  const cells = touchedCells({ layer: 0, from: 0, to: 0 }, SIDES, false)
  const first = withEdit(startEditing(pair), 'mask', { ...pair, a: masked(pair.a, cells, 7) })
  const second = withEdit(first, 'transplant', transplanted(first.now, cells))
  it('undoes and redoes step by step', () => {
    expect(undo(second).now).toEqual(first.now)
    expect(undo(undo(second)).now).toBe(pair)
    expect(redo(redo(undo(undo(second)))).now).toEqual(second.now)
  })
  it('ends at either end', () => {
    expect(undo(startEditing(pair)).now).toBe(pair)
    expect(redo(second)).toBe(second)
  })
  it('forgets what was undone once something else is done', () => {
    const other = withEdit(undo(second), 'swap', swapped(first.now, cells))
    expect(other.undone).toEqual([])
    expect(undo(other).now).toEqual(first.now)
  })
  it('keeps no step that changed nothing', () => {
    expect(withEdit(first, 'mask', { ...first.now, a: masked(first.now.a, cells, 7) })).toBe(first)
    expect(sameMaps(pair.a, masked(pair.a, cells, 0))).toBe(true)
  })
})
