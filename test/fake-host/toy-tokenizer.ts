import { codeMapSides, codeOrder } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'

/** A tokenizer that needs no training: a code is a colour, a cell the mean colour of its pixels. */

/** Levels of each channel: 12³ = 1728 colours, fewer than the made-up codebook has codes. */
const LEVELS = 12
export const COLOURS = LEVELS ** 3

export const colourOf = (code: number): [number, number, number] => {
  const at = code % COLOURS
  return [Math.floor(at / LEVELS ** 2), Math.floor(at / LEVELS) % LEVELS, at % LEVELS].map(
    (level) => (level * 255) / (LEVELS - 1),
  ) as [number, number, number]
}
export const codeOfColour = (colour: readonly number[]): number =>
  colour.reduce(
    (code, value) => code * LEVELS + Math.round((Math.min(255, Math.max(0, value)) / 255) * (LEVELS - 1)),
    0,
  )

/** Codes of each layer of a picture. @param picture U8 [S, S, 3] */
export function encodeToy(picture: Uint8Array, config: ExperimentConfig): number[][] {
  const { resolution } = config.data
  return codeMapSides(config).map((side) => {
    const cell = resolution / side
    return Array.from({ length: side * side }, (_, at) => {
      const sum = [0, 0, 0]
      for (let y = 0; y < cell; y++)
        for (let x = 0; x < cell; x++)
          for (let c = 0; c < 3; c++)
            sum[c]! += picture[((Math.floor(at / side) * cell + y) * resolution + (at % side) * cell + x) * 3 + c] ?? 0
      return codeOfColour(sum.map((value) => value / cell ** 2))
    })
  })
}

/** The picture of codes: the finest layer's colours, smoothed, with a third of the coarser ones'. U8 [S, S, 3]. */
export function decodeToy(codes: readonly (readonly number[])[], config: ExperimentConfig): Uint8Array {
  const { resolution } = config.data
  const sides = codeMapSides(config)
  const picture = new Float32Array(resolution * resolution * 3)
  const weight = (layer: number) => (layer === sides.length - 1 ? 2 / 3 : 1 / 3 / (sides.length - 1))
  for (const [layer, side] of sides.entries()) {
    const colours = (codes[layer] ?? []).map(colourOf)
    const at = (row: number, column: number) => {
      const within = (n: number) => Math.min(side - 1, Math.max(0, n))
      return colours[within(row) * side + within(column)] ?? [0, 0, 0]
    }
    for (let y = 0; y < resolution; y++)
      for (let x = 0; x < resolution; x++) {
        const [v, u] = [((y + 0.5) * side) / resolution - 0.5, ((x + 0.5) * side) / resolution - 0.5]
        const [row, column] = [Math.floor(v), Math.floor(u)]
        const [a, b] = [v - row, u - column]
        for (let c = 0; c < 3; c++)
          picture[(y * resolution + x) * 3 + c]! +=
            weight(layer) *
            ((1 - a) * ((1 - b) * (at(row, column)[c] ?? 0) + b * (at(row, column + 1)[c] ?? 0)) +
              a * ((1 - b) * (at(row + 1, column)[c] ?? 0) + b * (at(row + 1, column + 1)[c] ?? 0)))
      }
  }
  return Uint8Array.from(picture, (value) => Math.round(value))
}

export const flattenToy = (codes: readonly (readonly number[])[], config: ExperimentConfig): number[] =>
  codeOrder(codeMapSides(config)).map(({ layer, at }) => codes[layer]?.[at] ?? 0)
