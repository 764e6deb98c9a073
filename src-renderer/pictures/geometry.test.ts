import { describe, expect, it } from 'vitest'
import { cellAt, cellInLayer, cellPixels, cellsBelow, neighbour } from './geometry.ts'

const top = { rows: 4, columns: 4 }
const bottom = { rows: 8, columns: 8 }

describe('cells and pixels', () => {
  it('gives a cell of a 4 × 4 map 8 × 8 pixels of a 32-pixel picture', () => {
    expect(cellPixels(top, 5, 32)).toEqual({ x: 8, y: 8, width: 8, height: 8 })
  })
  it('finds for the middle of every cell that cell', () => {
    for (let cell = 0; cell < 64; cell++) {
      const { x, y, width, height } = cellPixels(bottom, cell, 1)
      expect(cellAt(bottom, x + width / 2, y + height / 2)).toBe(cell)
    }
  })
  it('has no cell outside the picture', () => {
    expect(cellAt(top, 1, 0.5)).toBeNull()
    expect(cellAt(top, 0.5, -0.01)).toBeNull()
  })
})

describe('cellsBelow', () => {
  it('names the four children of an hq top cell row by row', () => {
    expect(cellsBelow(top, 0, bottom)).toEqual([0, 1, 8, 9])
    expect(cellsBelow(top, 5, bottom)).toEqual([18, 19, 26, 27])
  })
  it('names the parent of each child', () => {
    for (let cell = 0; cell < 16; cell++)
      for (const child of cellsBelow(top, cell, bottom)) expect(cellsBelow(bottom, child, top)).toEqual([cell])
  })
  it('names each cell of a finer map once, and one coarser cell for each, between any two layers of a pyramid', () => {
    const grids = [1, 2, 4, 8, 16].map((side) => ({ rows: side, columns: side }))
    for (const [at, coarse] of grids.entries())
      for (const fine of grids.slice(at)) {
        const cells = Array.from({ length: coarse.rows ** 2 }, (_, cell) => cell)
        const below = cells.flatMap((cell) => cellsBelow(coarse, cell, fine))
        expect(below.toSorted((a, b) => a - b)).toEqual(Array.from({ length: fine.rows ** 2 }, (_, cell) => cell))
        for (const cell of cells)
          for (const child of cellsBelow(coarse, cell, fine)) expect(cellsBelow(fine, child, coarse)).toEqual([cell])
      }
  })
  it('is the same cell between two rq depths', () => {
    expect(cellsBelow(bottom, 42, bottom)).toEqual([42])
  })
})

describe('a map of a single cell', () => {
  const one = { rows: 1, columns: 1 }
  it('covers the picture, and has no neighbours but itself', () => {
    expect(cellPixels(one, 0, 64)).toEqual({ x: 0, y: 0, width: 64, height: 64 })
    expect(cellAt(one, 0.99, 0.5)).toBe(0)
    for (const direction of ['left', 'right', 'up', 'down'] as const) expect(neighbour(one, 0, direction)).toBe(0)
    expect(cellInLayer(bottom, 42, one)).toBe(0)
    expect(cellInLayer(one, 0, bottom)).toBe(0)
  })
})

describe('neighbour', () => {
  it('moves one cell and stays inside', () => {
    expect(neighbour(top, 5, 'left')).toBe(4)
    expect(neighbour(top, 5, 'down')).toBe(9)
    expect(neighbour(top, 4, 'left')).toBe(4)
    expect(neighbour(top, 15, 'right')).toBe(15)
    expect(neighbour(top, 2, 'up')).toBe(2)
  })
})

describe('cellInLayer', () => {
  it('lands on the first child going down and on the parent going up', () => {
    expect(cellInLayer(top, 5, bottom)).toBe(18)
    expect(cellInLayer(bottom, 27, top)).toBe(5)
  })
})
