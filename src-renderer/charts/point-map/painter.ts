import type { Rgb } from '../../colours.ts'
import type { Box, PlaneView } from './view.ts'

/** Points of one kind, drawn in the order of the layers. */
export interface PointLayer {
  /** [n · 2] */
  xy: Float32Array
  /** [n · 2] where they go; null: they stay. */
  to: Float32Array | null
  /** [n · 4] RGBA */
  colour: Uint8Array
  /** Diameter in CSS px. */
  size: number
}

/** What the map holds besides where one looks. */
export interface PointScene {
  layers: readonly PointLayer[]
  /** Strokes between points of the plane, [m · 4]: from x, y to x, y; those that move end at `linesTo`. */
  lines: Float32Array
  linesTo: Float32Array | null
  lineColour: Rgb
  ground: Rgb
}

export interface PointPainter {
  kind: 'webgl' | 'canvas'
  /** Takes the points over; costly once, so that `draw` is cheap. */
  set(scene: PointScene): void
  /** @param share of the way from `xy` to `to`, 0 to 1 @param ratio device px per CSS px */
  draw(view: PlaneView, box: Box, share: number, ratio: number): void
  destroy(): void
}
