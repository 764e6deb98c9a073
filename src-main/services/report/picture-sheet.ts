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
  const scale = Math.max(1, Math.round(LEAST_SIDE / first.side))
  const cell = first.side * scale + GAP
  const rows = [files[0]?.input, ...files.map(({ reconstruction }) => reconstruction)].flatMap((row) => row ?? [])
  const [width, height] = [shown * cell - GAP, rows.length * cell - GAP]
  const sheet = new Uint8Array(width * height * 3).fill(255)
  for (const [row, { data, shape }] of rows.entries())
    for (let picture = 0; picture < Math.min(shown, shape[0] ?? 0); picture++)
      for (let y = 0; y < first.side * scale; y++)
        for (let x = 0; x < first.side * scale; x++) {
          const from = ((picture * first.side + Math.floor(y / scale)) * first.side + Math.floor(x / scale)) * 3
          const to = ((row * cell + y) * width + picture * cell + x) * 3
          for (let channel = 0; channel < 3; channel++) sheet[to + channel] = Number(data[from + channel])
        }
  return encodePng(sheet, width, height)
}
