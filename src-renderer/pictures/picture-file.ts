import { canvasToPng, saveFile } from '../charts/save-picture.ts'
import type { Pixels } from './PictureTile.tsx'

/** Least side of a saved picture in pixels: small ones are enlarged by a whole factor, without smoothing. */
const LEAST_SIDE = 256

/** The factor by which a picture of a side is enlarged. */
const enlargement = (side: number): number => Math.max(1, Math.ceil(LEAST_SIDE / side))

async function png({ data, width, height }: Pixels): Promise<Blob> {
  const source = document.createElement('canvas')
  source.width = width
  source.height = height
  source.getContext('2d')?.putImageData(new ImageData(data, width, height), 0, 0)
  const factor = enlargement(width)
  const canvas = document.createElement('canvas')
  canvas.width = width * factor
  canvas.height = height * factor
  const context = canvas.getContext('2d')
  if (context) {
    context.imageSmoothingEnabled = false
    context.drawImage(source, 0, 0, canvas.width, canvas.height)
  }
  return canvasToPng(canvas)
}

/** Hands a picture to the person as PNG. @throws Error if it cannot be drawn */
export async function savePicture(name: string, pixels: Pixels): Promise<void> {
  saveFile(`${name}.png`, await png(pixels))
}

/** Puts a picture on the clipboard as PNG. @throws Error where the window may not */
export async function copyPicture(pixels: Pixels): Promise<void> {
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': png(pixels) })])
}
