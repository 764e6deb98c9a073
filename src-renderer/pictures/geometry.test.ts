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
  it('is the same cell between two rq depths', () => {
    expect(cellsBelow(bottom, 42, bottom)).toEqual([42])
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
