/** Side of a painted picture in CSS px, and the gap between it and its maps. */
export const PICTURE = 192
export const GAP = 8

/**
 * The code maps of a painted picture beside it: in columns that together are as high as the picture, so that the cells of
 * many layers can still be hit.
 * @returns the side of a map, and the width of all, in CSS px
 */
export function paintedLayout(layers: number): { columns: number; map: number; width: number } {
  const columns = layers <= 2 ? 1 : Math.ceil(layers / 2)
  const rows = Math.ceil(layers / columns)
  const map = Math.floor((PICTURE - GAP * (Math.max(2, rows) - 1)) / Math.max(2, rows))
  return { columns, map, width: PICTURE + columns * (GAP + map) }
}
