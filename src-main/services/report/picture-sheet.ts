import { decodeSafetensors } from '../../../src-shared/safetensors.ts'
import { encodePng } from '../../data/png.ts'

/** A sample file of an arm, and the side of its pictures. */
export interface ArmPictures {
  label: string
  sample: Uint8Array
  side: number
}

const GAP = 4
/** Small pictures are shown larger, each pixel as a square. */
const LEAST_SIDE = 64

/** Rows of pictures, as they stand in a file: U8 [P, S, S, 3]. */
type Row = { data: ArrayLike<number | bigint>; shape: readonly number[] }

/**
 * Painted pictures, so many in a row, in order.
 * @returns PNG, and how many it shows
 * @throws SafetensorsError for a damaged file; RangeError if it holds no picture
 */
export async function paintingSheet(
  file: Uint8Array,
  { perRow, limit }: { perRow: number; limit: number },
): Promise<{ png: Uint8Array; shown: number }> {
  const { painting } = decodeSafetensors(file).tensors
  const [count = 0, side = 0] = painting?.shape ?? []
  if (!painting || count === 0) throw new RangeError('no painting to show')
  const shown = Math.min(count, limit)
  const size = side * side * 3
  const rows: Row[] = []
  for (let from = 0; from < shown; from += perRow) {
    const here = Math.min(perRow, shown - from)
    rows.push({
      data: (painting.data as Uint8Array).subarray(from * size, (from + here) * size),
      shape: [here, side, side, 3],
    })
  }
  return { png: await sheetOf(rows, side, Math.min(perRow, shown)), shown }
}

/**
 * The held-out pictures in a row, and below them a row of reconstructions for each arm.
 * @returns PNG
 * @throws SafetensorsError for a damaged sample; RangeError if no arm has pictures
 */
export async function armSheet(arms: readonly ArmPictures[], limit: number): Promise<Uint8Array> {
  const files = arms.map(({ sample }) => decodeSafetensors(sample).tensors)
  const first = arms[0]
  const shown = Math.min(limit, files[0]?.input?.shape[0] ?? 0)
  if (!first || shown === 0) throw new RangeError('no arm has a picture to show')
  const rows = [files[0]?.input, ...files.map(({ reconstruction }) => reconstruction)].flatMap((row) => row ?? [])
  return sheetOf(rows, first.side, shown)
}

function sheetOf(rows: readonly Row[], side: number, shown: number): Promise<Uint8Array> | Uint8Array {
  const scale = Math.max(1, Math.round(LEAST_SIDE / side))
  const cell = side * scale + GAP
  const [width, height] = [shown * cell - GAP, rows.length * cell - GAP]
  const sheet = new Uint8Array(width * height * 3).fill(255)
  for (const [row, { data, shape }] of rows.entries())
    for (let picture = 0; picture < Math.min(shown, shape[0] ?? 0); picture++)
      for (let y = 0; y < side * scale; y++)
        for (let x = 0; x < side * scale; x++) {
          const from = ((picture * side + Math.floor(y / scale)) * side + Math.floor(x / scale)) * 3
          const to = ((row * cell + y) * width + picture * cell + x) * 3
          for (let channel = 0; channel < 3; channel++) sheet[to + channel] = Number(data[from + channel])
        }
  return encodePng(sheet, width, height)
}
