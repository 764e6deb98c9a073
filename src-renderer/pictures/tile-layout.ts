/** The arrangement of `count` square tiles with a caption line each that makes them largest in a box. */
export function tileLayout(
  count: number,
  width: number,
  height: number,
  gap: number,
  caption: number,
  least: number,
): { columns: number; size: number } {
  let best = { columns: 1, size: 0 }
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns)
    const size = Math.floor(
      Math.min((width - gap * (columns - 1)) / columns, (height - gap * (rows - 1)) / rows - caption),
    )
    if (size > best.size) best = { columns, size }
  }
  if (best.size >= least) return best
  // Too little room for all: as many a row as fit at the least size, and the rest is scrolled to.
  const columns = Math.max(1, Math.min(count, Math.floor((width + gap) / (least + gap))))
  return { columns, size: least }
}
