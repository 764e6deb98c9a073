import type { Rectangle } from './geometry.ts'

/** What part of the pictures every tile shows: its centre in shares of the picture, and the magnification (1: all). */
export interface Viewport {
  x: number
  y: number
  zoom: number
}

export const WHOLE: Viewport = { x: 0.5, y: 0.5, zoom: 1 }

/** Four picture pixels across a tile are the closest one can look. */
export const maxZoom = (side: number): number => Math.max(1, side / 4)

/** The nearest viewport that shows nothing beyond the picture's edge. */
export function clampViewport(view: Viewport, side: number): Viewport {
  const zoom = Math.min(Math.max(view.zoom, 1), maxZoom(side))
  const half = 0.5 / zoom
  const inside = (centre: number) => Math.min(Math.max(centre, half), 1 - half)
  return { x: inside(view.x), y: inside(view.y), zoom }
}

/** The visible part in shares of the picture. */
export const visible = (view: Viewport): Rectangle => ({
  x: view.x - 0.5 / view.zoom,
  y: view.y - 0.5 / view.zoom,
  width: 1 / view.zoom,
  height: 1 / view.zoom,
})

/** Picture position (shares) of a point in a tile (shares of the tile). */
export function toPicture(view: Viewport, x: number, y: number): { x: number; y: number } {
  const part = visible(view)
  return { x: part.x + x * part.width, y: part.y + y * part.height }
}

/** Tile position (shares of the tile; may lie outside 0 to 1) of a rectangle of the picture. */
export function toTile(view: Viewport, rectangle: Rectangle): Rectangle {
  const part = visible(view)
  return {
    x: (rectangle.x - part.x) / part.width,
    y: (rectangle.y - part.y) / part.height,
    width: rectangle.width / part.width,
    height: rectangle.height / part.height,
  }
}

/** Magnifies about a point of the tile, which stays under the pointer. */
export function zoomAbout(view: Viewport, x: number, y: number, factor: number, side: number): Viewport {
  const fixed = toPicture(view, x, y)
  const zoom = Math.min(Math.max(view.zoom * factor, 1), maxZoom(side))
  return clampViewport({ x: fixed.x - (x - 0.5) / zoom, y: fixed.y - (y - 0.5) / zoom, zoom }, side)
}

/** Moves the pictures by a distance in shares of the tile. */
export const panBy = (view: Viewport, dx: number, dy: number, side: number): Viewport =>
  clampViewport({ ...view, x: view.x - dx / view.zoom, y: view.y - dy / view.zoom }, side)

/** The viewport moved as little as shows a rectangle whole, or its middle where it is larger than the view. */
export function reveal(view: Viewport, rectangle: Rectangle, side: number): Viewport {
  const shift = (centre: number, from: number, length: number): number => {
    const half = 0.5 / view.zoom
    if (length >= 2 * half) return from + length / 2
    return Math.min(Math.max(centre, from + length - half), from + half)
  }
  return clampViewport(
    { ...view, x: shift(view.x, rectangle.x, rectangle.width), y: shift(view.y, rectangle.y, rectangle.height) },
    side,
  )
}
