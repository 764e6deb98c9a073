import { z } from 'zod'
import { decodeNpy, encodeNpy } from '../data/arrays/npy.ts'

/** Code maps of P pictures as they are exported: one layer after the other, coarse first. */
export interface CodeMaps {
  /** Name of each picture. */
  pictures: string[]
  layers: {
    /** h = w of the code map */
    side: number
    /** [P][h·w] code ids, row by row */
    codes: number[][]
  }[]
  /** Text of each code id, [K]; left out for an independent codebook. */
  tokens?: string[]
}

export class CodeMapError extends Error {
  override name = 'CodeMapError'
}

/**
 * @param layers codes of every layer, P·h·w each
 * @param sides side of each layer's code map
 * @param tokens text of each code id; empty for an independent codebook
 */
export function codeMapsOf(
  pictures: string[],
  layers: readonly Int32Array[],
  sides: readonly number[],
  tokens: string[],
): CodeMaps {
  const maps = layers.map((codes, layer) => {
    const side = sides[layer] ?? Number.NaN
    if (codes.length !== pictures.length * side * side)
      throw new CodeMapError(`layer ${layer}: ${codes.length} codes are not ${pictures.length} maps of side ${side}`)
    const size = side * side
    return { side, codes: pictures.map((_, picture) => [...codes.subarray(picture * size, (picture + 1) * size)]) }
  })
  return { pictures, layers: maps, ...(tokens.length > 0 ? { tokens } : {}) }
}

/** Codes of every layer, P·h·w each. */
export const codesOf = (maps: CodeMaps): Int32Array[] => maps.layers.map(({ codes }) => Int32Array.from(codes.flat()))

/** One .npy file per layer: `codes.<layer>.npy`, int32 [P, h, w], layer 0 the coarsest. */
export const codeMapArrays = (maps: CodeMaps): { name: string; bytes: Uint8Array }[] =>
  maps.layers.map(({ side, codes }, layer) => ({
    name: `codes.${layer}.npy`,
    bytes: encodeNpy({ shape: [codes.length, side, side], data: Int32Array.from(codes.flat()) }),
  }))

const schema = z.object({
  pictures: z.array(z.string()),
  layers: z.array(z.object({ side: z.int().min(1), codes: z.array(z.array(z.int().min(0))) })).min(1),
  tokens: z.array(z.string()).optional(),
})

/**
 * Code maps from the text of a JSON export.
 * @throws CodeMapError naming the place that does not fit
 */
export function parseCodeMaps(text: string): CodeMaps {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new CodeMapError('the code maps are not JSON', { cause })
  }
  const result = schema.safeParse(json)
  if (!result.success) {
    const issue = result.error.issues[0]
    throw new CodeMapError(`the code maps have no valid "${issue?.path.join('.')}": ${issue?.message}`)
  }
  const { pictures, layers, tokens } = result.data
  for (const [layer, { side, codes }] of layers.entries()) {
    if (codes.length !== pictures.length)
      throw new CodeMapError(`layer ${layer} has maps of ${codes.length} pictures; ${pictures.length} are named`)
    const wrong = codes.find((map) => map.length !== side * side)
    if (wrong)
      throw new CodeMapError(`layer ${layer}: a map of ${wrong.length} codes; side ${side} needs ${side * side}`)
  }
  return { pictures, layers, ...(tokens ? { tokens } : {}) }
}

/**
 * Code maps from the .npy files of every layer, coarse first. The pictures are named by their place.
 * @throws CodeMapError naming the layer that does not fit
 */
export function codeMapsFromArrays(files: readonly Uint8Array[]): CodeMaps {
  const arrays = files.map(decodeNpy)
  const count = arrays[0]?.shape[0]
  if (count === undefined) throw new CodeMapError('no codes.0.npy: there are no code maps')
  const layers = arrays.map(({ shape, data }, layer) => {
    const [pictures, height, width] = shape
    if (
      shape.length !== 3 ||
      !(data instanceof Int32Array) ||
      pictures !== count ||
      height === undefined ||
      height !== width
    )
      throw new CodeMapError(
        `codes.${layer}.npy is ${data.constructor.name} (${shape.join(', ')}); wanted int32 (${count}, h, h)`,
      )
    const size = height * height
    return {
      side: height,
      codes: Array.from({ length: count }, (_, at) => [...data.subarray(at * size, (at + 1) * size)]),
    }
  })
  return { pictures: Array.from({ length: count }, (_, at) => `picture-${at}`), layers }
}
