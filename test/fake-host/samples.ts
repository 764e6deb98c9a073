import { codeMapSides } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { encodeSafetensors, type StoredTensor } from '../../src-shared/safetensors.ts'
import { codeOfRank, codeTensors } from './code-life.ts'
import { chance, codebookSize, valueAt } from './curves.ts'

const shapes = ['disc', 'ring', 'square', 'cross'] as const
export const hues = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [213, 94, 0],
] as const

/** Picture p, side S: one of four shapes in one of four colours with a little shading, on white. U8 [S, S, 3]. */
export function drawPicture(p: number, side: number): Uint8Array {
  const shape = shapes[p % 4] as (typeof shapes)[number]
  const hue = hues[Math.floor(p / 4) % 4] as (typeof hues)[number]
  const pixels = new Uint8Array(side * side * 3)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const u = ((x + 0.5) / side) * 2 - 1
      const v = ((y + 0.5) / side) * 2 - 1
      const radius = Math.hypot(u, v)
      const inside = {
        disc: radius < 0.75,
        ring: radius < 0.8 && radius > 0.42,
        square: Math.max(Math.abs(u), Math.abs(v)) < 0.62,
        cross: Math.min(Math.abs(u), Math.abs(v)) < 0.24 && radius < 0.85,
      }[shape]
      const light = 1.1 - 0.35 * (u + v + 0.6)
      for (let c = 0; c < 3; c++) pixels[(y * side + x) * 3 + c] = inside ? Math.min(255, (hue[c] ?? 0) * light) : 255
    }
  return pixels
}

export const colourWords = ['orange', 'blue', 'green', 'red'] as const
/** What picture p shows. */
export const captionOf = (p: number): string => `a ${colourWords[Math.floor(p / 4) % 4]} ${shapes[p % 4]}`

/** What a tokenizer at that error would paint: block means mixed in, and a little noise. */
function reconstruct(picture: Uint8Array, side: number, blur: number, key: string): Uint8Array {
  const block = 4
  const result = new Uint8Array(picture.length)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      for (let c = 0; c < 3; c++) {
        let sum = 0
        for (let dy = 0; dy < block; dy++)
          for (let dx = 0; dx < block; dx++)
            sum +=
              picture[
                (Math.min(side - 1, y - (y % block) + dy) * side + Math.min(side - 1, x - (x % block) + dx)) * 3 + c
              ] ?? 0
        const at = (y * side + x) * 3 + c
        const noise = (chance(`${key} ${at}`) - 0.5) * 60 * blur
        result[at] = Math.max(0, Math.min(255, (picture[at] ?? 0) * (1 - blur) + (sum / block ** 2) * blur + noise))
      }
  return result
}

/** A sample file as training writes it (events.ts, SampleLayout). */
export function sampleFile(config: ExperimentConfig, step: number): Uint8Array {
  const side = config.data.resolution
  const count = config.training.samplePictures
  const codes = codebookSize(config)
  const blur = Math.min(1, Math.sqrt(valueAt(config, 'heldout.mse', step)) * 1.8)
  const inputs = Array.from({ length: count }, (_, p) => drawPicture(p, side))
  const key = `${config.seed} ${config.codebook.paradigm} ${step}`
  const tensors: Record<string, StoredTensor> = {
    input: { dtype: 'U8', shape: [count, side, side, 3], data: join(inputs) },
    reconstruction: {
      dtype: 'U8',
      shape: [count, side, side, 3],
      data: join(inputs.map((picture, p) => reconstruct(picture, side, blur, `${key} ${p}`))),
    },
  }
  for (const [layer, mapSide] of codeMapSides(config).entries()) {
    const cell = side / mapSide
    const used = Math.max(4, valueAt(config, `usage.codes.${layer}`, step))
    const map = new Int32Array(count * mapSide * mapSide)
    const usage = new Int32Array(codes)
    for (let p = 0; p < count; p++)
      for (let at = 0; at < mapSide * mapSide; at++) {
        const x = Math.floor(((at % mapSide) + 0.5) * cell)
        const y = Math.floor((Math.floor(at / mapSide) + 0.5) * cell)
        const pixel = inputs[p]?.slice((y * side + x) * 3, (y * side + x) * 3 + 3).map((value) => value >> 4) ?? []
        const rank = Math.floor(chance(`${layer} ${pixel}`) ** 2 * used)
        map[p * mapSide * mapSide + at] = codeOfRank(layer, rank, codes)
      }
    for (let rank = 0; rank < used; rank++) {
      const code = codeOfRank(layer, rank, codes)
      usage[code] = (usage[code] ?? 0) + Math.ceil(900 / (rank + 1.5))
    }
    tensors[`codes.${layer}`] = { dtype: 'I32', shape: [count, mapSide, mapSide], data: map }
    tensors[`usage.${layer}`] = { dtype: 'I32', shape: [codes], data: usage }
  }
  Object.assign(tensors, codeTensors(config, step, tensors))
  const captions = inputs.map((_, p) => captionOf(p))
  return encodeSafetensors(tensors, { captions: JSON.stringify(captions) })
}

function join(parts: Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}

/** Sixteen columns of made-up pictures as raw pixels, for a contact sheet. */
export function contactSheet(
  columns: number,
  rows: number,
  side: number,
): { data: Uint8Array; width: number; height: number } {
  const width = columns * side
  const data = new Uint8Array(width * rows * side * 3)
  for (let tile = 0; tile < columns * rows; tile++) {
    const picture = drawPicture(tile * 7 + Math.floor(tile / 5), side)
    for (let y = 0; y < side; y++) {
      const row = Math.floor(tile / columns) * side + y
      data.set(picture.subarray(y * side * 3, (y + 1) * side * 3), (row * width + (tile % columns) * side) * 3)
    }
  }
  return { data, width, height: rows * side }
}
