import { type KeyboardEvent, memo, type PointerEvent, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { linearAxis, logAxis } from '../../src-shared/ticks.ts'
import { useScheme } from '../theme.ts'
import { ranksOfColumn, usageOrder } from './binning.ts'
import { MARGIN } from './chart-layout.ts'
import { AxisText, CanvasPlot, PlotLine, ValueMark } from './plot-frame.tsx'
import { useSize } from './use-size.ts'

/**
 * Hits of every code as bars on a canvas, sorted by count or by id. Where codes outnumber the pixel columns, a column
 * shows the largest of its codes, so that no used code vanishes.
 */
export const UsageChart = memo(function UsageChart({
  counts,
  order,
  numberOf,
  log,
  colour,
  height,
  label,
  selected,
  onCode,
}: {
  counts: Int32Array
  order: 'count' | 'id'
  /** What the code of an index is known by. */
  numberOf: (code: number) => number
  log: boolean
  colour: string
  height: number
  label: string
  selected: number | null
  /** The code pointed at. */
  onCode: (code: number) => void
}) {
  const [box, { width }] = useSize<HTMLDivElement>()
  const canvas = useRef<HTMLCanvasElement>(null)
  const scheme = useScheme()
  const [rank, setRank] = useState<number | null>(null)
  const ids = useMemo(() => usageOrder(counts, order), [counts, order])
  const used = useMemo(() => counts.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0), [counts])
  const most = useMemo(() => counts.reduce((a, b) => Math.max(a, b), 1), [counts])
  const plot = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: Math.max(1, height - MARGIN.top - MARGIN.bottom),
  }
  const base = plot.top + plot.height
  // A log axis starts below 1, so that a code hit once still has a bar.
  const axis = log ? logAxis(0.7, Math.max(2, most), 5) : linearAxis(0, most, 4)
  const share = (count: number): number =>
    log
      ? count <= 0
        ? 0
        : Math.log(count / axis.domain[0]) / Math.log(axis.domain[1] / axis.domain[0])
      : count / axis.domain[1]

  // biome-ignore lint/correctness/useExhaustiveDependencies: the axis follows from counts and log; the scheme changes what CSS colours mean
  useLayoutEffect(() => {
    const target = canvas.current
    const context = target?.getContext('2d')
    if (!target || !context || width === 0) return
    const ratio = devicePixelRatio
    const columns = Math.max(1, Math.round(plot.width * ratio))
    const rows = Math.round(plot.height * ratio)
    target.width = columns
    target.height = rows
    context.fillStyle = colour
    const gap = columns / counts.length >= 4 * ratio ? Math.max(1, Math.round(ratio)) : 0
    if (counts.length <= columns) {
      for (let at = 0; at < ids.length; at++) {
        const from = Math.round((at * columns) / ids.length)
        const to = Math.round(((at + 1) * columns) / ids.length)
        const bar = barHeight(share(counts[ids[at] as number] as number), rows)
        context.fillRect(from, rows - bar, Math.max(1, to - from - gap), bar)
      }
      return
    }
    for (let column = 0; column < columns; column++) {
      const [from, to] = ranksOfColumn(column, columns, counts.length)
      let largest = 0
      for (let at = from; at < to; at++) largest = Math.max(largest, counts[ids[at] as number] as number)
      const bar = barHeight(share(largest), rows)
      context.fillRect(column, rows - bar, 1, bar)
    }
  }, [counts, ids, colour, plot.width, plot.height, log, most, scheme])

  const point = (next: number) => {
    setRank(next)
    onCode(ids[next] as number)
  }
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const left = event.currentTarget.getBoundingClientRect().left + plot.left
    const at = Math.floor(((event.clientX - left) / plot.width) * counts.length)
    if (at < 0 || at >= counts.length) return
    // Among the codes of one column the most used is meant: it is the one that is drawn.
    const perPixel = counts.length / plot.width
    let best = at
    for (let near = at; near < Math.min(counts.length, at + perPixel); near++)
      if ((counts[ids[near] as number] as number) > (counts[ids[best] as number] as number)) best = near
    point(best)
  }
  const key = (event: KeyboardEvent) => {
    const last = counts.length - 1
    const from = rank ?? -1
    const to = {
      ArrowLeft: from - 1,
      ArrowRight: from + 1,
      PageUp: from - 20,
      PageDown: from + 20,
      Home: 0,
      End: last,
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    point(Math.min(last, Math.max(0, to)))
  }
  const markerOf = (at: number) => plot.left + ((at + 0.5) / counts.length) * plot.width
  const selectedRank = selected === null ? -1 : ids.indexOf(selected)
  const marked = selectedRank >= 0 ? selectedRank : rank

  return (
    <CanvasPlot
      box={box}
      canvas={canvas}
      plot={plot}
      width={width}
      height={height}
      label={`${label}. Arrow keys move from code to code.`}
      onPointerMove={move}
      onKeyDown={key}
      axes={
        <>
          {axis.ticks.map((tick) => (
            <ValueMark key={tick} plot={plot} y={plot.top + (1 - share(tick)) * plot.height}>
              {axis.format(tick)}
            </ValueMark>
          ))}
          <PlotLine plot={plot} y={base} stroke="var(--line-strong)" />
          <AxisText x={plot.left} y={height - 6}>
            {order === 'id' ? `code ${numberOf(0).toLocaleString('en-US')}` : 'most used'}
          </AxisText>
          <AxisText x={plot.left + plot.width} y={height - 6} anchor="end">
            {order === 'id'
              ? `code ${numberOf(counts.length - 1).toLocaleString('en-US')}`
              : `rank ${counts.length.toLocaleString('en-US')}`}
          </AxisText>
          {order === 'count' && used < counts.length && plot.width * (1 - used / counts.length) > 120 && (
            <AxisText x={plot.left + (plot.width * (used / counts.length + 1)) / 2} y={base - 10} anchor="middle">
              {(counts.length - used).toLocaleString('en-US')} dead codes
            </AxisText>
          )}
          {marked !== null && marked >= 0 && (
            <line
              x1={markerOf(marked)}
              x2={markerOf(marked)}
              y1={plot.top}
              y2={base}
              stroke="var(--text)"
              strokeOpacity={0.6}
            />
          )}
        </>
      }
    />
  )
})

/** A used code has at least one pixel. */
const barHeight = (share: number, rows: number): number => (share <= 0 ? 0 : Math.max(1, Math.round(share * rows)))
