/** What part of a plane a box of pixels shows: the same scale on both axes, y upwards. */
export interface PlaneView {
  /** Point of the plane in the middle of the box. */
  x: number
  y: number
  /** px per unit */
  scale: number
}

export interface Box {
  width: number
  height: number
}

export interface Bounds {
  left: number
  right: number
  bottom: number
  top: number
}

/** Smallest rectangle around points [n · 2]; points that are not finite are left out; null without any. */
export function boundsOf(...lists: readonly Float32Array[]): Bounds | null {
  const bounds = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity }
  for (const xy of lists)
    for (let at = 0; at + 1 < xy.length; at += 2) {
      const [x, y] = [xy[at] as number, xy[at + 1] as number]
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue
      if (x < bounds.left) bounds.left = x
      if (x > bounds.right) bounds.right = x
      if (y < bounds.bottom) bounds.bottom = y
      if (y > bounds.top) bounds.top = y
    }
  return bounds.left <= bounds.right ? bounds : null
}

export const unionOf = (a: Bounds | null, b: Bounds | null): Bounds | null =>
  a && b
    ? {
        left: Math.min(a.left, b.left),
        right: Math.max(a.right, b.right),
        bottom: Math.min(a.bottom, b.bottom),
        top: Math.max(a.top, b.top),
      }
    : (a ?? b)

/** Pixels left free around everything. */
const ROOM = 18

/** Shows all of the bounds, as large as the box allows. */
export function viewOf({ left, right, bottom, top }: Bounds, box: Box): PlaneView {
  const width = right - left || 1
  const height = top - bottom || 1
  const scale = Math.min(Math.max(1, box.width - 2 * ROOM) / width, Math.max(1, box.height - 2 * ROOM) / height)
  return { x: (left + right) / 2, y: (bottom + top) / 2, scale }
}

export const toPixelX = (view: PlaneView, box: Box, x: number): number => box.width / 2 + (x - view.x) * view.scale
export const toPixelY = (view: PlaneView, box: Box, y: number): number => box.height / 2 - (y - view.y) * view.scale
export const toPlaneX = (view: PlaneView, box: Box, px: number): number => view.x + (px - box.width / 2) / view.scale
export const toPlaneY = (view: PlaneView, box: Box, py: number): number => view.y - (py - box.height / 2) / view.scale

/** Zooms so that the point of the plane under a pixel stays there. */
export function zoomAt(view: PlaneView, box: Box, px: number, py: number, factor: number): PlaneView {
  const [x, y] = [toPlaneX(view, box, px), toPlaneY(view, box, py)]
  const scale = view.scale * factor
  return { x: x - (px - box.width / 2) / scale, y: y + (py - box.height / 2) / scale, scale }
}

/** Moves what is seen by pixels, as a hand that holds it. */
export const panBy = (view: PlaneView, dx: number, dy: number): PlaneView => ({
  ...view,
  x: view.x - dx / view.scale,
  y: view.y + dy / view.scale,
})

/** "1.25,-0.5,180" as it stands in the address. */
export const formatView = ({ x, y, scale }: PlaneView): string =>
  [x, y, scale].map((value) => Number(value.toPrecision(5))).join(',')

/** The view that an address names; null if it names none. */
export function parseView(text: string): PlaneView | null {
  const [x, y, scale] = text.split(',').map(Number)
  return x !== undefined && y !== undefined && scale !== undefined && [x, y, scale].every(Number.isFinite) && scale > 0
    ? { x, y, scale }
    : null
}
