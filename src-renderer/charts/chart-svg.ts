import { type ChartLayout, type ChartLine, type ChartMark, visibleMarks, xToPixel, yToPixel } from './chart-layout.ts'

/** What a picture of a chart needs beside its layout. */
export interface ChartPicture {
  title: string
  unit: string
  axisLabel: string
  lines: readonly ChartLine[]
  marks: readonly ChartMark[]
  colours: { ground: string; text: string; muted: string; line: string; alarm: string }
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
const px = (value: number): string => String(Math.round(value * 100) / 100)

/** An SVG path through a column's points; gaps inside a line are bridged, as on screen. */
export function columnPath(layout: ChartLayout, column: number): string {
  let path = ''
  for (const [row, value] of (layout.table.columns[column] ?? []).entries())
    if (value !== null && Number.isFinite(value))
      path += `${path ? 'L' : 'M'}${px(xToPixel(layout, layout.table.x[row] as number))} ${px(yToPixel(layout, value))}`
  return path
}

/** An SVG path around a band, along its high end and back along its low end. */
export function bandPath(layout: ChartLayout, low: number, high: number): string {
  const there: string[] = []
  const back: string[] = []
  const lows = layout.table.columns[low] ?? []
  for (const [row, top] of (layout.table.columns[high] ?? []).entries()) {
    const bottom = lows[row] ?? null
    if (top === null || bottom === null) continue
    const x = px(xToPixel(layout, layout.table.x[row] as number))
    there.push(`${x} ${px(yToPixel(layout, top))}`)
    back.unshift(`${x} ${px(yToPixel(layout, bottom))}`)
  }
  return there.length === 0 ? '' : `M${[...there, ...back].join('L')}Z`
}

const HEAD = 40
const FOOT = 16

/** The chart as a self-contained SVG document with title, unit, axes, key and marks. */
export function chartSvg(layout: ChartLayout, picture: ChartPicture): string {
  const { plot } = layout
  const { colours } = picture
  const keyRows = picture.lines.length > 1 ? Math.ceil(picture.lines.length / 3) : 0
  const height = layout.height + HEAD + FOOT + keyRows * 14
  const text = (x: number, y: number, content: string, more = '') =>
    `<text x="${px(x)}" y="${px(y)}" fill="${colours.muted}" ${more}>${escaped(content)}</text>`
  const parts: string[] = []
  for (const tick of layout.y.ticks) {
    const y = yToPixel(layout, tick)
    parts.push(
      `<line x1="${plot.left}" x2="${plot.left + plot.width}" y1="${px(y)}" y2="${px(y)}" stroke="${colours.line}"/>`,
      text(plot.left - 6, y + 3.5, layout.y.format(tick), 'text-anchor="end"'),
    )
  }
  const base = plot.top + plot.height
  for (const tick of layout.x.ticks)
    parts.push(text(xToPixel(layout, tick), base + 14, layout.x.format(tick), 'text-anchor="middle"'))
  parts.push(
    `<line x1="${plot.left}" x2="${plot.left + plot.width}" y1="${base}" y2="${base}" stroke="${colours.muted}"/>`,
  )
  // A nested svg clips what lies beyond the visible range.
  parts.push(
    `<svg x="${plot.left}" y="${plot.top}" width="${plot.width}" height="${plot.height}" viewBox="${plot.left} ${plot.top} ${plot.width} ${plot.height}">`,
  )
  for (const [index, line] of picture.lines.entries()) {
    const columns = layout.columns[index]
    if (!columns) continue
    const stroke = `fill="none" stroke="${line.colour}" stroke-linejoin="round"`
    if (columns.low !== null && columns.high !== null)
      parts.push(`<path d="${bandPath(layout, columns.low, columns.high)}" fill="${line.colour}" fill-opacity="0.16"/>`)
    if (columns.raw !== null)
      parts.push(`<path d="${columnPath(layout, columns.raw)}" ${stroke} stroke-opacity="0.25"/>`)
    const dash = line.dash.length > 0 ? ` stroke-dasharray="${line.dash.join(' ')}"` : ''
    parts.push(`<path d="${columnPath(layout, columns.line)}" ${stroke} stroke-width="1.5"${dash}/>`)
  }
  parts.push('</svg>')
  for (const mark of visibleMarks(layout, picture.marks))
    parts.push(
      mark.kind === 'alarm'
        ? `<path d="M${px(mark.pixel - 4)} ${base}h8l-4 -7Z" fill="${colours.alarm}"><title>${escaped(mark.label)}</title></path>`
        : `<line x1="${px(mark.pixel)}" x2="${px(mark.pixel)}" y1="${base}" y2="${base - 5}" stroke="${colours.muted}"><title>${escaped(mark.label)}</title></line>`,
    )
  const key = picture.lines.map((line, index) => {
    const x = plot.left + (index % 3) * ((plot.width - 10) / 3)
    const y = layout.height + FOOT + Math.floor(index / 3) * 14 + 8
    const dash = line.dash.length > 0 ? ` stroke-dasharray="${line.dash.join(' ')}"` : ''
    return `<line x1="${px(x)}" x2="${px(x + 14)}" y1="${y - 4}" y2="${y - 4}" stroke="${line.colour}" stroke-width="2"${dash}/>${text(x + 19, y, line.label)}`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${layout.width}" height="${height}" viewBox="0 0 ${layout.width} ${height}" font-family="Inter, Helvetica, Arial, sans-serif" font-size="10.5">`,
    `<rect width="${layout.width}" height="${height}" fill="${colours.ground}"/>`,
    `<text x="${plot.left}" y="17" font-size="13" font-weight="600" fill="${colours.text}">${escaped(picture.title)}</text>`,
    text(plot.left, 32, picture.unit),
    `<g transform="translate(0 ${HEAD})">`,
    ...parts,
    text(plot.left + plot.width, layout.height + 10, picture.axisLabel, 'text-anchor="end"'),
    ...(keyRows > 0 ? key : []),
    '</g></svg>',
  ].join('\n')
}
