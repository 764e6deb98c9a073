import { describe, expect, it } from 'vitest'
import { pyramidSides } from '../../../src-shared/code-maps.ts'
import { floats, type HostTensor, ints } from '../../engine/runtimes/runtime.ts'
import { randomFloats, runOnce, runtimes } from '../../engine/testing/programs.ts'
import type { Tensor } from '../../engine/tf.ts'
import { spae } from './spae.ts'

const [SIDE, WIDTH, CODES] = [8, 3, 10]
const sides = pyramidSides(SIDE, 5)

/** Streaming average quantization, position by position and layer by layer, as the paper writes it. */
function byPosition(z: Float32Array, table: Float32Array): { codes: number[][]; average: number[] } {
  const vector = (data: ArrayLike<number>, row: number) =>
    Array.from({ length: WIDTH }, (_, at) => data[row * WIDTH + at] as number)
  const had: number[][][] = Array.from({ length: SIDE * SIDE }, () => [])
  const codes = sides.map((size) => {
    const stride = SIDE / size
    return Array.from({ length: size * size }, (_, cell) => {
      const [row, column] = [Math.floor(cell / size), cell % size]
      const position = (row * stride + Math.floor(stride / 2)) * SIDE + column * stride + Math.floor(stride / 2)
      const own = vector(z, position)
      const wanted = own.map((value, at) =>
        (had[position] as number[][]).reduce((sum, e) => sum + value - (e[at] as number), value),
      )
      const distances = Array.from({ length: CODES }, (_, code) =>
        vector(table, code).reduce((sum, value, at) => sum + (value - (wanted[at] as number)) ** 2, 0),
      )
      const code = distances.indexOf(Math.min(...distances))
      ;(had[position] as number[][]).push(vector(table, code))
      return code
    })
  })
  const average = had.flatMap((all) =>
    Array.from({ length: WIDTH }, (_, at) => all.reduce((sum, e) => sum + (e[at] as number), 0) / all.length),
  )
  return { codes, average }
}

describe('the sides of a pyramid', () => {
  it('are those of SPAE: 341 tokens in 5 layers, 597 in 6', () => {
    const tokens = (layers: number) => pyramidSides(16, layers).reduce((sum, side) => sum + side * side, 0)
    expect(pyramidSides(16, 6)).toEqual([1, 2, 4, 8, 16, 16])
    expect([tokens(5), tokens(6)]).toEqual([341, 597])
  })

  it('end at the finest map however few they are, so that every position has a code', () => {
    expect(pyramidSides(16, 3)).toEqual([4, 8, 16])
    expect(pyramidSides(16, 1)).toEqual([16])
  })
})

describe.each(runtimes)('the pyramid on $name', (runtime) => {
  const quantizer = spae(WIDTH, sides)
  const inputs: Record<string, HostTensor> = {
    h: randomFloats(80, [1, SIDE, SIDE, WIDTH]),
    codebook: randomFloats(81, [CODES, WIDTH]),
  }

  it('quantizes z and the remainders so far at the dilated positions, and gives the average of the codes', async () => {
    const got = await runOnce(runtime, inputs, (tensors) => {
      const { quantized, codes } = quantizer.quantize({}, tensors.h as Tensor, tensors.codebook as Tensor)
      return { quantized, ...Object.fromEntries(codes.map((map, layer) => [`codes.${layer}`, map])) }
    })
    const wanted = byPosition(inputs.h?.data as Float32Array, inputs.codebook?.data as Float32Array)
    for (const layer of sides.keys()) expect([...ints(got, `codes.${layer}`)]).toEqual(wanted.codes[layer])
    for (const [at, value] of floats(got, 'quantized').entries())
      expect(value).toBeCloseTo(wanted.average[at] as number, 5)
  })
})
