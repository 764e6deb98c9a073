import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp from 'sharp'

/** A plain PNG of one colour; every `at` has another. */
export const plainPng = (at: number, width = 12, height = 10): Promise<Buffer> =>
  sharp({
    create: { width, height, channels: 3, background: { r: (at * 37) % 256, g: (at * 101) % 256, b: at % 256 } },
  })
    .png()
    .toBuffer()

export const plainPngs = (count: number): Promise<Buffer[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => plainPng(at)))

/** Writes files below a folder, with the folders that they need. @returns the folder */
export function putFiles(folder: string, files: Record<string, string | Uint8Array>): string {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  return folder
}

/** MNIST's format: two zeros, 8 for bytes, the axes, the data. */
export function encodeIdx(axes: readonly number[], data: Uint8Array): Buffer {
  const head = Buffer.alloc(4 + 4 * axes.length)
  head[2] = 8
  head[3] = axes.length
  for (const [axis, size] of axes.entries()) head.writeUInt32BE(size, 4 + 4 * axis)
  return Buffer.concat([head, data])
}
