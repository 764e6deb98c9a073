import { type Axis, linearAxis, logAxis, secondsAxis, stepAxis } from '../../src-shared/ticks.ts'
import { extentOf, mergeLines, type Table } from './series.ts'

/** One curve as a chart shows it. */
export interface ChartLine {
  key: string
  label: string
  colour: string
  /** Dash pattern in px; empty: solid. */
  dash: readonly number[]
  x: readonly number[]
  /** What is drawn in full colour (smoothed, if smoothing is on). */
  y: readonly (number | null)[]
  /** The values before smoothing, drawn faint behind; null where nothing was smoothed. */
  raw: readonly (number | null)[] | null
  /** Around the line, such as mean ± std; null: none. */
  band: { low: readonly (number | null)[]; high: readonly (number | null)[] } | null
}

/** Something that happened at a moment of the run, shown as a tick on the axis. */
export interface ChartMark {
  x: number
  kind: 'sync' | 'alarm' | 'sample' | 'restart'
  label: string
  /** Values that the chart's metric had just before and just after, drawn as a stroke between them. */
  change?: { before: number; after: number }
}

export type HorizontalAxis = 'step' | 'time'
export type Range = readonly [low: number, high: number]

export interface ChartInput {
  lines: readonly ChartLine[]
  /** Only their changes matter to the layout: the vertical axis holds them. */
  marks?: readonly ChartMark[]
  axis: HorizontalAxis
  log: boolean
  /** Visible part of the horizontal axis; null: everything. */
  range: Range | null
}

/** Where everything of a chart stands, in px of its box. */
export interface ChartLayout {
  width: number
  height: number
  plot: { left: number; top: number; width: number; height: number }
  x: Axis
  y: Axis
  log: boolean
  /** Columns: per line its curve, then its raw values, then its band's low and high ends. */
  table: Table
  columns: { line: number; raw: number | null; low: number | null; high: number | null }[]
  /** True if the lines hold no value that can be drawn. */
  empty: boolean
  /** Points of the densest line. */
  densest: number
  /** Points of all curves, with the raw values behind them. */
  points: number
}

export const MARGIN = { left: 46, right: 14, top: 6, bottom: 20 } as const
const LOG_BLANK = (value: number | null) => (value !== null && value > 0 ? value : null)

/** Lays a chart out: axes with nice marks over what is visible, and all lines over one common x. */
export function layoutChart(input: ChartInput, width: number, height: number): ChartLayout {
  const { lines, log, axis } = input
  const plot = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: Math.max(1, height - MARGIN.top - MARGIN.bottom),
  }
  const sources: { x: readonly number[]; y: readonly (number | null)[] }[] = []
  const columns = lines.map((line) => {
    const add = (y: readonly (number | null)[] | null | undefined): number | null =>
      y ? sources.push({ x: line.x, y: log ? y.map(LOG_BLANK) : y }) - 1 : null
    return {
      line: add(line.y) as number,
      raw: add(line.raw),
      low: add(line.band?.low),
      high: add(line.band?.high),
    }
  })
  const table = mergeLines(sources)
  const whole: Range = [table.x[0] ?? 0, table.x.at(-1) ?? 1]
  const [from, to] = input.range ?? whole
  const inRange = (_: number, row: number) => (table.x[row] as number) >= from && (table.x[row] as number) <= to
  const changes = (input.marks ?? []).flatMap(({ x, change }) =>
    change && x >= from && x <= to ? [change.before, change.after].filter((value) => !log || value > 0) : [],
  )
  const curves = extentOf(table.columns, inRange) ?? extentOf(table.columns)
  const extent = extentOf([changes, curves ?? []])
  const xCount = Math.max(2, Math.floor(plot.width / 72))
  const yCount = Math.min(8, Math.max(2, Math.floor(plot.height / 30)))
  const [low, high] = extent ?? (log ? [0.1, 1] : [0, 1])
  return {
    width,
    height,
    plot,
    x: axis === 'step' ? stepAxis(from, to, xCount) : secondsAxis(from, to, xCount),
    y: log ? logAxis(low, high, yCount) : linearAxis(low, high, yCount),
    log,
    table,
    columns,
    empty: extent === null,
    densest: lines.reduce((most, line) => Math.max(most, line.x.length), 0),
    points: lines.reduce((sum, line) => sum + line.x.length * (line.raw ? 2 : 1), 0),
  }
}

export function xToPixel(layout: ChartLayout, x: number): number {
  const [low, high] = layout.x.domain
  return layout.plot.left + ((x - low) / (high - low)) * layout.plot.width
}

export function pixelToX(layout: ChartLayout, pixel: number): number {
  const [low, high] = layout.x.domain
  return low + ((pixel - layout.plot.left) / layout.plot.width) * (high - low)
}

export function yToPixel(layout: ChartLayout, y: number): number {
  const [low, high] = layout.y.domain
  const share = layout.log ? Math.log(y / low) / Math.log(high / low) : (y - low) / (high - low)
  return layout.plot.top + (1 - share) * layout.plot.height
}

/** Marks inside the visible part, at most one of a kind every `apart` px; a tick stands for those it hides. */
export function visibleMarks(
  layout: ChartLayout,
  marks: readonly ChartMark[],
  apart = 6,
): (ChartMark & { pixel: number })[] {
  const last = new Map<ChartMark['kind'], number>()
  const shown: (ChartMark & { pixel: number })[] = []
  for (const mark of marks) {
    const [low, high] = layout.x.domain
    if (mark.x < low || mark.x > high) continue
    const pixel = xToPixel(layout, mark.x)
    if (pixel - (last.get(mark.kind) ?? Number.NEGATIVE_INFINITY) < apart) continue
    last.set(mark.kind, pixel)
    shown.push({ ...mark, pixel })
  }
  return shown
}
