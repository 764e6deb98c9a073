import type { PointLayer, PointPainter, PointScene } from './painter.ts'
import { type Box, type PlaneView, toPixelX, toPixelY } from './view.ts'

/**
 * The map without WebGL: points are written as pixels, strokes drawn by the canvas.
 * @returns null if the canvas already belongs to WebGL
 */
export function canvasPainter(canvas: HTMLCanvasElement): PointPainter | null {
  const context = canvas.getContext('2d', { alpha: false })
  if (!context) return null
  let scene: PointScene | null = null
  let image: ImageData | null = null
  return {
    kind: 'canvas',
    set(next) {
      scene = next
    },
    draw(view, box, share, ratio) {
      if (!scene) return
      const [width, height] = [Math.max(1, Math.round(box.width * ratio)), Math.max(1, Math.round(box.height * ratio))]
      if (canvas.width !== width) canvas.width = width
      if (canvas.height !== height) canvas.height = height
      if (image?.width !== width || image.height !== height) image = new ImageData(width, height)
      const [r, g, b] = scene.ground
      const pixels = new Uint32Array(image.data.buffer)
      const ground = wordOf(r, g, b)
      pixels.fill(ground)
      const [first, ...rest] = scene.layers
      if (first) paintPoints(pixels, width, height, first, scene, view, box, share, ratio)
      context.putImageData(image, 0, 0)
      drawLines(context, scene, view, box, share, ratio)
      if (rest.length === 0) return
      // The strokes lie under the codes: those are written over what the canvas has now.
      if (scene.lines.length > 0) image = context.getImageData(0, 0, width, height)
      const over = new Uint32Array(image.data.buffer)
      for (const layer of rest) paintPoints(over, width, height, layer, scene, view, box, share, ratio)
      context.putImageData(image, 0, 0)
    },
    destroy() {
      image = null
    },
  }
}

/** Little-endian RGBA; every machine that runs Chromium is. */
const wordOf = (r: number, g: number, b: number): number => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0

/** Pixels that each row of a disc leaves free on either side; none where it is so small that it is a square. */
function discInsets(size: number): number[] {
  return Array.from({ length: size }, (_, row) => {
    if (size < 4) return 0
    const radius = size / 2
    const half = Math.sqrt(Math.max(0, radius ** 2 - (row + 0.5 - radius) ** 2))
    return Math.min(Math.floor((size - 1) / 2), Math.round(radius - half))
  })
}

/** Points in whole pixels, in colours already mixed with the ground. */
export function paintPoints(
  pixels: Uint32Array,
  width: number,
  height: number,
  layer: PointLayer,
  scene: Pick<PointScene, 'ground'>,
  view: PlaneView,
  box: Box,
  share: number,
  ratio: number,
): void {
  const { xy, colour } = layer
  const to = layer.to ?? xy
  const size = Math.max(1, Math.round(layer.size * ratio))
  const insets = discInsets(size)
  const [red, green, blue] = scene.ground
  for (let at = 0; at < xy.length; at += 2) {
    const x = (xy[at] as number) + ((to[at] as number) - (xy[at] as number)) * share
    const y = (xy[at + 1] as number) + ((to[at + 1] as number) - (xy[at + 1] as number)) * share
    const left = Math.round(toPixelX(view, box, x) * ratio - size / 2)
    const top = Math.round(toPixelY(view, box, y) * ratio - size / 2)
    // Also false where a coordinate is not a number.
    if (!(left >= -size && top >= -size && left < width && top < height)) continue
    const alpha = (colour[2 * at + 3] as number) / 255
    const word = wordOf(
      alpha * (colour[2 * at] as number) + (1 - alpha) * red,
      alpha * (colour[2 * at + 1] as number) + (1 - alpha) * green,
      alpha * (colour[2 * at + 2] as number) + (1 - alpha) * blue,
    )
    for (let row = Math.max(0, top); row < Math.min(height, top + size); row++) {
      const inset = insets[row - top] as number
      const end = Math.min(width, left + size - inset)
      for (let column = Math.max(0, left + inset); column < end; column++) pixels[row * width + column] = word
    }
  }
}

function drawLines(
  context: CanvasRenderingContext2D,
  scene: PointScene,
  view: PlaneView,
  box: Box,
  share: number,
  ratio: number,
): void {
  const { lines, linesTo } = scene
  if (lines.length === 0) return
  const goal = linesTo ?? lines
  const at = (index: number) => (lines[index] as number) + ((goal[index] as number) - (lines[index] as number)) * share
  context.beginPath()
  for (let index = 0; index < lines.length; index += 4) {
    context.moveTo(toPixelX(view, box, at(index)) * ratio, toPixelY(view, box, at(index + 1)) * ratio)
    context.lineTo(toPixelX(view, box, at(index + 2)) * ratio, toPixelY(view, box, at(index + 3)) * ratio)
  }
  const [r, g, b] = scene.lineColour
  context.strokeStyle = `rgb(${r} ${g} ${b} / 0.55)`
  context.lineWidth = ratio
  context.stroke()
}
