import { expect, it } from 'vitest'
import { paintPoints } from './canvas-painter.ts'

const ground = [10, 20, 30] as const
const box = { width: 8, height: 6 }
const view = { x: 0, y: 0, scale: 1 }
const channels = (word: number) => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24]

function painted(xy: number[], colour: number[], share = 0, to: number[] | null = null, size = 1) {
  const pixels = new Uint32Array(box.width * box.height)
  const layer = {
    xy: Float32Array.from(xy),
    to: to ? Float32Array.from(to) : null,
    colour: Uint8Array.from(colour),
    size,
  }
  paintPoints(pixels, box.width, box.height, layer, { ground }, view, box, share, 1)
  return pixels
}

it('puts a point at its place, y upwards, in its own colour', () => {
  const pixels = painted([2.5, 1.5], [200, 100, 50, 255])
  const [at] = [...pixels.keys()].filter((index) => pixels[index] !== 0)
  expect([at! % 8, Math.floor(at! / 8)]).toEqual([6, 1])
  expect(channels(pixels[at!]!)).toEqual([200, 100, 50, 255])
})

it('mixes a faint point with the ground, and moves one by its share of the way', () => {
  const pixels = painted([-3.5, 0.5], [110, 120, 130, 51], 0.5, [0.5, 0.5])
  const lit = [...pixels.keys()].filter((index) => pixels[index] !== 0)
  expect(lit).toEqual([2 * 8 + 2])
  expect(channels(pixels[lit[0]!]!)).toEqual([30, 40, 50, 255])
})

it('draws a large point as a disc', () => {
  const lit = [...painted([0, 0], [1, 1, 1, 255], 0, null, 4)].map((word) => (word === 0 ? '.' : '#'))
  const rows = Array.from({ length: 6 }, (_, row) => lit.slice(row * 8, row * 8 + 8).join(''))
  expect(rows).toEqual(['........', '...##...', '..####..', '..####..', '...##...', '........'])
})

it('cuts points at the edge and leaves out those that are no numbers', () => {
  const lit = (pixels: Uint32Array) => pixels.filter((word) => word !== 0).length
  expect(lit(painted([-4, 3], [1, 1, 1, 255], 0, null, 4))).toBe(3)
  expect(lit(painted([Number.NaN, 0, 900, 0], [1, 1, 1, 255, 1, 1, 1, 255]))).toBe(0)
})
