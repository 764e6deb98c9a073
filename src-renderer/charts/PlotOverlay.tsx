import { type KeyboardEvent, memo, type PointerEvent, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import {
  type ChartLayout,
  type ChartLine,
  type ChartMark,
  pixelToX,
  type Range,
  visibleMarks,
  xToPixel,
  yToPixel,
} from './chart-layout.ts'
import type { Crosshair } from './crosshair.ts'
import { AxisText } from './plot-frame.tsx'
import { nearestIndex } from './series.ts'

/** A drag shorter than this is a click. */
const LEAST_DRAG = 5

/**
 * What lies over the curves of either renderer: grid, ticks of syncs and alarms, the linked crosshair, and the hand's
 * work: drag to zoom, double-click to reset, arrow keys to move the crosshair.
 */
export const PlotOverlay = memo(function PlotOverlay({
  layout,
  lines,
  marks,
  crosshair,
  label,
  axisLabel,
  onRange,
}: {
  layout: ChartLayout
  lines: readonly ChartLine[]
  marks: readonly ChartMark[]
  crosshair: Crosshair
  label: string
  axisLabel: string
  /** A new visible range, or null for everything. */
  onRange: (range: Range | null) => void
}) {
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null)
  const svg = useRef<SVGSVGElement>(null)
  const { plot } = layout
  const shown = useMemo(() => visibleMarks(layout, marks), [layout, marks])
  const right = plot.left + plot.width
  const base = plot.top + plot.height

  const pixelOf = (event: PointerEvent): number => {
    const left = svg.current?.getBoundingClientRect().left ?? 0
    return Math.min(right, Math.max(plot.left, event.clientX - left))
  }
  const move = (event: PointerEvent) => {
    const pixel = pixelOf(event)
    crosshair.set(snapped(layout, pixelToX(layout, pixel)))
    if (drag) setDrag({ ...drag, to: pixel })
  }
  const release = (event: PointerEvent) => {
    if (!drag) return
    const to = pixelOf(event)
    setDrag(null)
    if (Math.abs(to - drag.from) < LEAST_DRAG) return
    onRange([pixelToX(layout, Math.min(drag.from, to)), pixelToX(layout, Math.max(drag.from, to))])
  }
  const key = (event: KeyboardEvent) => {
    const xs = layout.table.x
    const at = nearestIndex(xs, crosshair.get() ?? (xs.at(-1) as number))
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: xs.length - 1 }[event.key]
    if (to !== undefined && xs.length > 0) crosshair.set(xs[Math.min(xs.length - 1, Math.max(0, to))] ?? null)
    else if (event.key === 'Escape') {
      crosshair.set(null)
      onRange(null)
    } else if (event.key === '+' || event.key === '-')
      onRange(scaled(layout, crosshair.get(), event.key === '+' ? 0.5 : 2))
    else return
    event.preventDefault()
  }

  return (
    <svg
      ref={svg}
      width={layout.width}
      height={layout.height}
      className="absolute inset-0 touch-none select-none"
      role="img"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the chart is read with the arrow keys
      tabIndex={0}
      aria-label={`${label}. Arrow keys move the crosshair, plus and minus zoom, Escape resets.`}
      onPointerMove={move}
      onPointerLeave={() => !drag && crosshair.set(null)}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        svg.current?.setPointerCapture(event.pointerId)
        const pixel = pixelOf(event)
        setDrag({ from: pixel, to: pixel })
      }}
      onPointerUp={release}
      onPointerCancel={() => setDrag(null)}
      onDoubleClick={() => onRange(null)}
      onBlur={() => crosshair.set(null)}
      onKeyDown={key}
    >
      {layout.y.ticks.map((tick) => (
        <line
          key={tick}
          x1={plot.left}
          x2={right}
          y1={Math.round(yToPixel(layout, tick)) + 0.5}
          y2={Math.round(yToPixel(layout, tick)) + 0.5}
          stroke="var(--text)"
          strokeOpacity={tick === 0 && layout.y.domain[0] < 0 ? 0.35 : 0.07}
          shapeRendering="crispEdges"
        />
      ))}
      {shown.map((mark) => (
        <Mark key={`${mark.kind} ${mark.x}`} mark={mark} base={base} layout={layout} />
      ))}
      <AxisText x={6} y={base + 14}>
        {axisLabel}
      </AxisText>
      {drag && (
        <rect
          x={Math.min(drag.from, drag.to)}
          y={plot.top}
          width={Math.abs(drag.to - drag.from)}
          height={plot.height}
          fill="var(--accent)"
          fillOpacity={0.14}
          stroke="var(--accent)"
          strokeOpacity={0.6}
        />
      )}
      <CrosshairLine layout={layout} lines={lines} crosshair={crosshair} />
    </svg>
  )
})

/** The nearest x that has a point, so that the crosshair reads values that were recorded. */
function snapped(layout: ChartLayout, x: number): number {
  return layout.table.x[nearestIndex(layout.table.x, x)] ?? x
}

function scaled(layout: ChartLayout, about: number | null, factor: number): Range | null {
  const [low, high] = layout.x.domain
  const centre = about ?? (low + high) / 2
  const next: Range = [centre - (centre - low) * factor, centre + (high - centre) * factor]
  const first = layout.table.x[0] ?? low
  const last = layout.table.x.at(-1) ?? high
  return next[0] <= first && next[1] >= last ? null : [Math.max(first, next[0]), Math.min(last, next[1])]
}

function Mark({ mark, base, layout }: { mark: ChartMark & { pixel: number }; base: number; layout: ChartLayout }) {
  const x = Math.round(mark.pixel) + 0.5
  if (mark.kind === 'alarm')
    return (
      <path d={`M${x - 4.5} ${base}h9l-4.5 -8Z`} fill="var(--danger)">
        <title>{mark.label}</title>
      </path>
    )
  if (mark.kind === 'restart')
    return (
      <path d={`M${x - 3.5} ${base - 4}l3.5 -4l3.5 4l-3.5 4Z`} fill="var(--warn)">
        <title>{mark.label}</title>
      </path>
    )
  const { change } = mark
  return (
    <g stroke="var(--muted)">
      <title>{mark.label}</title>
      <line x1={x} x2={x} y1={base} y2={base - 5} strokeOpacity={0.8} />
      {change && (!layout.log || Math.min(change.before, change.after) > 0) && (
        <>
          <line x1={x} x2={x} y1={yToPixel(layout, change.before)} y2={yToPixel(layout, change.after)} />
          <circle cx={x} cy={yToPixel(layout, change.before)} r={2.25} fill="var(--surface)" />
          <circle cx={x} cy={yToPixel(layout, change.after)} r={2.25} fill="var(--muted)" />
        </>
      )}
    </g>
  )
}

function CrosshairLine({
  layout,
  lines,
  crosshair,
}: {
  layout: ChartLayout
  lines: readonly ChartLine[]
  crosshair: Crosshair
}) {
  const at = useSyncExternalStore(crosshair.subscribe, crosshair.get)
  const [low, high] = layout.x.domain
  if (at === null || at < low || at > high) return null
  const pixel = xToPixel(layout, at)
  const { plot } = layout
  const words = layout.x.format(at)
  const half = words.length * 3.25 + 5
  const middle = Math.min(layout.width - half, Math.max(half, pixel))
  return (
    <g pointerEvents="none">
      <rect x={middle - half} y={plot.top + plot.height + 2} width={half * 2} height={16} rx={2} fill="var(--text)" />
      <text x={middle} y={plot.top + plot.height + 14} textAnchor="middle" fontSize={10.5} fill="var(--surface)">
        {words}
      </text>
      <line
        x1={Math.round(pixel) + 0.5}
        x2={Math.round(pixel) + 0.5}
        y1={plot.top}
        y2={plot.top + plot.height}
        stroke="var(--text)"
        strokeOpacity={0.5}
        shapeRendering="crispEdges"
      />
      {lines.map((line) => {
        const index = nearestIndex(line.x, at)
        const value = line.y[index] ?? null
        const x = line.x[index]
        if (value === null || x === undefined || (layout.log && value <= 0)) return null
        const y = yToPixel(layout, value)
        // A line that has no point near the crosshair shows none.
        if (Math.abs(xToPixel(layout, x) - pixel) > 12 || y < plot.top - 1 || y > plot.top + plot.height + 1)
          return null
        return (
          <circle
            key={line.key}
            cx={xToPixel(layout, x)}
            cy={y}
            r={3}
            fill={line.colour}
            stroke="var(--surface)"
            strokeWidth={1.5}
          />
        )
      })}
    </g>
  )
}
