import sharp from 'sharp'
import type { PaperCellView, PaperColumnView, PaperTableView } from '../../../../src-shared/contract/paper.ts'
import { ARROWS, hereTexts, incomparableText, measureText } from '../../../../src-shared/paper/figure-text.ts'
import { markupText } from './markup.ts'

const INK = '#14181d'
const MUTED = '#4b5560'
const HERE = '#0a5a9c'
const LINE = '#b9c1ca'
const MARGIN = 24
const ROW_NAME = 150
/** Mean width of a character at 12 px, for columns as wide as what stands in them. */
const CHARACTER = 6.9
const LINE_HEIGHT = 16
/** Pixels of the picture per pixel of the drawing. */
const SCALE = 2

/** Tables one below the other as PNG on a white ground, at twice its size. */
export async function paperPng(tables: readonly PaperTableView[]): Promise<Uint8Array> {
  const svg = paperSvg(tables)
  return new Uint8Array(
    await sharp(Buffer.from(svg), { density: 72 * SCALE })
      .png()
      .toBuffer(),
  )
}

export function paperSvg(tables: readonly PaperTableView[]): string {
  let top = MARGIN
  const drawn = tables.map((table) => {
    const one = drawTable(table, top)
    top += one.height + 32
    return one
  })
  const width = Math.max(480, ...drawn.map((one) => one.width))
  const height = top - 32 + MARGIN
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter, Helvetica, Arial, sans-serif" font-size="12" fill="${INK}">
<rect width="${width}" height="${height}" fill="#ffffff"/>
${drawn.flatMap(({ parts }) => parts).join('\n')}
</svg>
`
}

interface Line {
  words: string
  colour: string
  bold?: boolean
  small?: boolean
}

function drawTable(table: PaperTableView, top: number): { parts: string[]; width: number; height: number } {
  const { columns, rows, families, family } = table
  const heads = columns.map(headLines)
  const cells = rows.map(({ cells: own }) => own.map((cell, at) => cellLines(cell, columns[at] as PaperColumnView)))
  const widths = columns.map(
    (_, at) =>
      Math.max(
        ...[heads[at] ?? [], ...cells.map((row) => row[at] ?? [])]
          .flat()
          .map(({ words, small }) => words.length * CHARACTER * (small ? 0.85 : 1)),
        40,
      ) + 18,
  )
  const nameWidth = Math.max(ROW_NAME, ...rows.map(({ name }) => name.length * CHARACTER + 12))
  const ends = widths.map(
    (_, at) => MARGIN + nameWidth + widths.slice(0, at + 1).reduce((sum, width) => sum + width, 0),
  )
  const right = ends.at(-1) ?? MARGIN + nameWidth
  const label = families.find(({ key }) => key === family)?.label
  const parts = [
    text(MARGIN, top + 12, { words: `Table ${table.id}. ${table.title}`, colour: INK, bold: true }, 'start'),
    text(
      MARGIN,
      top + 12 + LINE_HEIGHT,
      { words: label === undefined ? 'No run stands beside it yet' : `Here: ${label}`, colour: MUTED, small: true },
      'start',
    ),
  ]
  let y = top + 12 + LINE_HEIGHT * 2
  const rule = (weight: number) => {
    parts.push(
      `<line x1="${MARGIN}" x2="${right}" y1="${y - 8}" y2="${y - 8}" stroke="${weight > 1 ? INK : LINE}" stroke-width="${weight}"/>`,
    )
    y += 8
  }
  const lines = (name: Line, own: readonly (readonly Line[])[]) => {
    parts.push(text(MARGIN, y, name, 'start'))
    for (const [at, list] of own.entries())
      for (const [index, line] of list.entries())
        parts.push(text((ends[at] as number) - 6, y + index * LINE_HEIGHT, line, 'end'))
    y += LINE_HEIGHT * Math.max(1, ...own.map((list) => list.length)) + 4
  }
  rule(1.5)
  lines({ words: table.rowKey, colour: MUTED, small: true }, heads)
  for (const [row, { name }] of rows.entries()) {
    rule(row === 0 ? 1.5 : 0.5)
    lines({ words: name, colour: INK }, cells[row] ?? [])
  }
  rule(1.5)
  return { parts, width: right + MARGIN, height: y - 16 - top }
}

function headLines(column: PaperColumnView): Line[] {
  const measure = measureText(column)
  return [
    { words: `${column.key}${column.better ? ` ${ARROWS[column.better]}` : ''}`, colour: MUTED, small: true },
    ...(measure === '' ? [] : [{ words: measure, colour: HERE, small: true }]),
  ]
}

function cellLines(cell: PaperCellView, column: PaperColumnView): Line[] {
  const why = cell.measured ? incomparableText(cell.incomparable) : ''
  return [
    ...(column.own ? [] : [{ words: cell.published ?? '–', colour: INK, bold: cell.publishedBest }]),
    ...hereTexts(cell, column).map((words) => ({ words, colour: HERE, bold: cell.measured?.best ?? false })),
    ...(why === '' ? [] : [{ words: why, colour: MUTED, small: true }]),
  ]
}

const text = (x: number, y: number, { words, colour, bold, small }: Line, anchor: 'start' | 'end'): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}"${bold ? ' font-weight="700"' : ''}${small ? ' font-size="10.5"' : ''}>${markupText(words)}</text>`
