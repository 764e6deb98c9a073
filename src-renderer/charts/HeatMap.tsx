import { type KeyboardEvent, memo, type PointerEvent, type ReactNode, useLayoutEffect, useMemo, useRef } from 'react'
import { formatTick } from '../../src-shared/ticks.ts'
import { hexToRgb } from '../colours.ts'
import { useScheme } from '../theme.ts'
import { MARGIN } from './chart-layout.ts'
import { columnOfStep, paintCounts } from './heat-map.ts'
import { AxisText, CanvasPlot } from './plot-frame.tsx'
import { useSize } from './use-size.ts'

/** A place in the map that is pointed at. */
export interface HeatCell {
  row: number
  column: number
}

/** Height of the strip of restarts under the map, px. */
const STRIP = 14
const TICKS = 16
export const HEAT_MAP_FRAME = MARGIN.top + STRIP + TICKS + 4

/**
 * Counts as colours: a column a sample, rows from the top down. Ticks above are events of the run; bars below are a
 * second, small series with one value a column.
 */
export const HeatMap = memo(function HeatMap({
  value,
  rows,
  columns,
  steps,
  most,
  height,
  label,
  ends,
  events,
  bars,
  markedRow,
  pointed,
  card,
  onPoint,
  onPick,
}: {
  /** [rows · columns] counts */
  value: Int32Array
  rows: number
  columns: number
  /** Step of every sample; columns hold one or several each. */
  steps: readonly number[]
  /** Count at the end of the scale. */
  most: number
  height: number
  label: string
  /** What the top and the bottom of the rows are. */
  ends: readonly [top: string, bottom: string]
  events: readonly { step: number; kind: 'sync' | 'alarm'; label: string }[]
  /** One a sample, with its words; empty: none. */
  bars: { name: string; values: readonly number[]; label: (index: number) => string }
  markedRow: number | null
  pointed: HeatCell | null
  /** What is said of the cell that is pointed at. */
  card: ReactNode
  onPoint: (cell: HeatCell | null) => void
  onPick: (cell: HeatCell) => void
}) {
  const [box, { width }] = useSize<HTMLDivElement>()
  const canvas = useRef<HTMLCanvasElement>(null)
  const scheme = useScheme()
  const plot = useMemo(
    () => ({
      left: MARGIN.left + 14,
      top: MARGIN.top + 4,
      width: Math.max(1, width - MARGIN.left - 14 - MARGIN.right),
      height: Math.max(1, height - HEAT_MAP_FRAME),
    }),
    [width, height],
  )

  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme changes what the CSS variable means
  useLayoutEffect(() => {
    const target = canvas.current
    if (!target || rows * columns === 0) return
    const ground = hexToRgb(getComputedStyle(target).getPropertyValue('--sunken').trim())
    target.width = columns
    target.height = rows
    target.getContext('2d')?.putImageData(new ImageData(paintCounts(value, most, ground), columns, rows), 0, 0)
  }, [value, rows, columns, most, scheme])

  const cellOf = (event: PointerEvent): HeatCell | null => {
    const frame = event.currentTarget.getBoundingClientRect()
    const column = Math.floor(((event.clientX - frame.left - plot.left) / plot.width) * columns)
    const row = Math.floor(((event.clientY - frame.top - plot.top) / plot.height) * rows)
    return column >= 0 && row >= 0 && column < columns && row < rows ? { row, column } : null
  }
  const key = (event: KeyboardEvent) => {
    const from = pointed ?? { row: Math.max(0, markedRow ?? 0), column: columns - 1 }
    const { row, column } = from
    const to = {
      ArrowLeft: { row, column: column - 1 },
      ArrowRight: { row, column: column + 1 },
      ArrowUp: { row: row - 1, column },
      ArrowDown: { row: row + 1, column },
      PageUp: { row: row - 20, column },
      PageDown: { row: row + 20, column },
      Home: { row: 0, column },
      End: { row: rows - 1, column },
    }[event.key]
    const within = (n: number, count: number) => Math.min(count - 1, Math.max(0, n))
    if (to) onPoint({ row: within(to.row, rows), column: within(to.column, columns) })
    else if (event.key === 'Enter' || event.key === ' ') onPick(from)
    else if (event.key === 'Escape') onPoint(null)
    else return
    event.preventDefault()
  }
  const stepOf = (column: number) => steps[Math.ceil(((column + 1) * steps.length) / columns) - 1] ?? 0
  const x = (column: number) => plot.left + (column / columns) * plot.width
  const y = (row: number) => plot.top + (row / rows) * plot.height
  const base = plot.top + plot.height
  const tallest = bars.values.reduce((a, b) => Math.max(a, b), 0)
  const every = Math.max(1, Math.ceil(columns / Math.max(2, Math.floor(plot.width / 64))))

  return (
    <CanvasPlot
      box={box}
      canvas={canvas}
      plot={plot}
      width={width}
      height={height}
      label={`${label}. Arrow keys move from cell to cell, Enter selects the code.`}
      // More rows than pixels never come; fewer stay sharp.
      canvasStyle={{ imageRendering: 'pixelated' }}
      onPointerMove={(event) => onPoint(cellOf(event))}
      onPointerLeave={() => onPoint(null)}
      onBlur={() => onPoint(null)}
      onClick={(event) => {
        const cell = cellOf(event as unknown as PointerEvent)
        if (cell) onPick(cell)
      }}
      onKeyDown={key}
      axes={
        <>
          <rect
            x={plot.left - 0.5}
            y={plot.top - 0.5}
            width={plot.width + 1}
            height={plot.height + 1}
            fill="none"
            stroke="var(--line)"
          />
          <AxisText x={plot.left - 6} y={plot.top + 8} anchor="end">
            {ends[0]}
          </AxisText>
          <AxisText x={plot.left - 6} y={base} anchor="end">
            {ends[1]}
          </AxisText>
          {events.map((event) => {
            const at = Math.round(x(columnOfStep(event.step, steps, columns))) + 0.5
            return event.kind === 'alarm' ? (
              <path
                key={event.label}
                d={`M${at - 4} ${plot.top - 7}h8l-4 7Z`}
                fill="var(--danger)"
                stroke="var(--surface)"
                pointerEvents="all"
              >
                <title>{event.label}</title>
              </path>
            ) : (
              <line
                key={event.label}
                x1={at}
                x2={at}
                y1={plot.top - 6}
                y2={plot.top - 1}
                stroke="var(--muted)"
                pointerEvents="all"
              >
                <title>{event.label}</title>
              </line>
            )
          })}
          {tallest > 0 && (
            <AxisText x={plot.left - 6} y={base + 11} anchor="end">
              {bars.name}
            </AxisText>
          )}
          {tallest > 0 &&
            bars.values.map((count, index) =>
              count === 0 ? null : (
                <rect
                  // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
                  key={index}
                  x={plot.left + (index / bars.values.length) * plot.width}
                  width={Math.max(1, plot.width / bars.values.length - 1)}
                  y={base + 3}
                  height={Math.max(1, Math.sqrt(count / tallest) * (STRIP - 4))}
                  fill="var(--warn)"
                  fillOpacity={0.75}
                  pointerEvents="all"
                >
                  <title>{bars.label(index)}</title>
                </rect>
              ),
            )}
          <AxisText x={6} y={height - 4}>
            step
          </AxisText>
          {Array.from({ length: Math.ceil(columns / every) }, (_, tick) => tick * every).map((column) => (
            <AxisText key={column} x={x(column + 0.5)} y={height - 4} anchor="middle">
              {formatTick(stepOf(column), 1)}
            </AxisText>
          ))}
          {markedRow !== null && markedRow >= 0 && (
            <g fill="var(--accent)">
              <path d={`M${plot.left - 1} ${y(markedRow + 0.5)}l-5 -3.5v7Z`} />
              <path d={`M${plot.left + plot.width + 1} ${y(markedRow + 0.5)}l5 -3.5v7Z`} />
            </g>
          )}
          {pointed && (
            <g stroke="var(--text)" strokeOpacity={0.65}>
              <line x1={x(pointed.column + 0.5)} x2={x(pointed.column + 0.5)} y1={plot.top} y2={base} />
              <line x1={plot.left} x2={plot.left + plot.width} y1={y(pointed.row + 0.5)} y2={y(pointed.row + 0.5)} />
            </g>
          )}
        </>
      }
    >
      {pointed && card && (
        <div
          className="pointer-events-none absolute z-10 max-w-72 rounded-md border border-line bg-raised/95 px-2 py-1 text-xs"
          style={{
            ...(x(pointed.column) > plot.left + plot.width / 2
              ? { right: width - x(pointed.column) + 10 }
              : { left: x(pointed.column + 1) + 10 }),
            ...(y(pointed.row) > plot.top + plot.height / 2
              ? { bottom: height - y(pointed.row) + 8 }
              : { top: y(pointed.row) + 8 }),
          }}
        >
          {card}
        </div>
      )}
    </CanvasPlot>
  )
})
