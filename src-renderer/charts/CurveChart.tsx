import { EllipsisVertical } from 'lucide-react'
import { memo, useMemo, useState, useSyncExternalStore } from 'react'
import { toCsv } from '../../src-shared/csv.ts'
import { formatElapsed, formatTick } from '../../src-shared/ticks.ts'
import { IconButton } from '../components/button.tsx'
import { Menu, type MenuItem } from '../components/menu.tsx'
import { MetricLabel } from '../components/metric-label.tsx'
import { notifyError } from '../components/toast.tsx'
import { formatMetric } from '../format.ts'
import { useScheme } from '../theme.ts'
import {
  type ChartLayout,
  type ChartLine,
  type ChartMark,
  type HorizontalAxis,
  layoutChart,
  type Range,
  xToPixel,
} from './chart-layout.ts'
import { chartSvg } from './chart-svg.ts'
import type { Crosshair } from './crosshair.ts'
import { PlotOverlay } from './PlotOverlay.tsx'
import { RechartsCurves } from './RechartsCurves.tsx'
import { useQueued } from './redraw-queue.ts'
import { fileName, saveFile, saveText, svgToPng } from './save-picture.ts'
import { nearestIndex, valueAt } from './series.ts'
import { UplotCurves } from './UplotCurves.tsx'
import { useSize } from './use-size.ts'
import { useVisible } from './use-visible.ts'

/** Above this many points a line is drawn by uPlot. */
const RECHARTS_POINTS = 500
/** And above this many points in all, so that a live redraw stays well below 50 ms. */
const RECHARTS_TOTAL = 1000

export interface CurveChartProps {
  /** Name of the metric, for its unit, definition and number format. */
  metric: string
  title: string
  unit: string
  lines: readonly ChartLine[]
  marks: readonly ChartMark[]
  axis: HorizontalAxis
  log: boolean
  range: Range | null
  onRange: (range: Range | null) => void
  crosshair: Crosshair
  /** px of the plot with its axes */
  height: number
  /** Whose curves these are, for file names. */
  subject: string
  /** Entries of the chart's menu beside those for saving. */
  menu: readonly MenuItem[]
  /** Name the lines above the plot, or leave that to a key the view shows once. */
  named: boolean
}

export const axisLabel = (axis: HorizontalAxis): string => (axis === 'step' ? 'step' : 'elapsed time')

/** A position on the horizontal axis in words. */
export const formatPosition = (axis: HorizontalAxis, x: number): string =>
  axis === 'step' ? `step ${formatTick(x, 1)}` : formatElapsed(x)

/** One metric over steps or time: curves, marks, linked crosshair, drag to zoom, and a menu to take the data away. */
export const CurveChart = memo(function CurveChart(props: CurveChartProps) {
  const { metric, title, unit, lines, marks, axis, log, range, crosshair, height } = props
  const [box, { width }] = useSize<HTMLDivElement>()
  const [pointed, setPointed] = useState(false)
  const visible = useVisible(box)
  const scheme = useScheme()
  const shown = useQueued(
    useMemo(
      () => (visible && width > 0 ? { lines, marks, axis, log, range, width, height } : null),
      [visible, lines, marks, axis, log, range, width, height],
    ),
  )
  const layout = useMemo(() => shown && layoutChart(shown, shown.width, shown.height), [shown])

  const save = async (kind: 'svg' | 'png') => {
    if (!layout) return
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    const svg = chartSvg(layout, {
      title,
      unit,
      axisLabel: axisLabel(axis),
      lines,
      marks,
      colours: {
        ground: colour('--surface'),
        text: colour('--text'),
        muted: colour('--muted'),
        line: colour('--line'),
        alarm: colour('--danger'),
      },
    })
    const name = fileName(props.subject, metric)
    if (kind === 'svg') saveText(`${name}.svg`, svg, 'image/svg+xml')
    else saveFile(`${name}.png`, await svgToPng(svg, layout.width, Number(/ height="(\d+)"/.exec(svg)?.[1])))
  }
  const saveData = () => {
    if (!layout) return
    const used = lines.flatMap((line, index) => {
      const { line: curve, raw } = layout.columns[index] ?? { line: 0, raw: null }
      return raw === null
        ? [{ label: line.label, column: curve }]
        : [
            { label: line.label, column: raw },
            { label: `${line.label} (smoothed)`, column: curve },
          ]
    })
    const rows = layout.table.x.map((x, row) => [
      x,
      ...used.map(({ column }) => layout.table.columns[column]?.[row] ?? null),
    ])
    saveText(
      `${fileName(props.subject, metric)}.csv`,
      toCsv([axis === 'step' ? 'step' : 'seconds', ...used.map(({ label }) => label)], rows),
      'text/csv',
    )
  }
  const items: (MenuItem | null)[] = [
    ...props.menu,
    null,
    { label: 'Save data as CSV', onSelect: saveData },
    { label: 'Save picture as SVG', onSelect: () => void save('svg') },
    {
      label: 'Save picture as PNG',
      onSelect: () => void save('png').catch((error) => notifyError('The picture could not be saved', error)),
    },
  ]

  return (
    <figure className="flex min-w-0 flex-col rounded-lg border border-line bg-surface pt-1.5" data-metric={metric}>
      <figcaption className="flex h-6 items-center gap-2 pr-1 pl-3">
        <MetricLabel name={metric} short={title} className="truncate text-sm font-semibold" />
        <span className="min-w-0 shrink truncate text-xs text-faint">{unit}</span>
        <span className="ml-auto" />
        {lines.length === 1 && <Readout metric={metric} lines={lines} crosshair={crosshair} named={false} />}
        <Menu
          label={`Menu of ${title}`}
          items={items}
          trigger={
            <IconButton label={`Menu of ${title}`} size="iconSmall">
              <EllipsisVertical aria-hidden />
            </IconButton>
          }
        />
      </figcaption>
      {props.named && lines.length > 1 && (
        <div className="flex min-h-4 flex-wrap gap-x-4 px-3">
          <Readout metric={metric} lines={lines} crosshair={crosshair} named />
        </div>
      )}
      <div
        ref={box}
        className="relative"
        style={{ height }}
        onPointerEnter={() => setPointed(true)}
        onPointerLeave={() => setPointed(false)}
      >
        {layout && !layout.empty && shown && (
          <>
            <div aria-hidden className="absolute inset-0">
              {layout.densest > RECHARTS_POINTS || layout.points > RECHARTS_TOTAL ? (
                <UplotCurves layout={layout} lines={shown.lines} scheme={scheme} />
              ) : (
                <RechartsCurves layout={layout} lines={shown.lines} />
              )}
            </div>
            <PlotOverlay
              layout={layout}
              lines={shown.lines}
              marks={marks}
              crosshair={crosshair}
              axisLabel={axis}
              label={`${title} over ${axisLabel(axis)}`}
              onRange={props.onRange}
            />
            {pointed && !props.named && lines.length > 1 && (
              <HoverCard metric={metric} lines={shown.lines} crosshair={crosshair} axis={axis} layout={layout} />
            )}
          </>
        )}
        {layout?.empty && (
          <p className="flex h-full items-center justify-center px-6 text-center text-xs text-faint">
            {log && lines.some((line) => line.x.length > 0)
              ? 'No positive values: a log axis cannot show them.'
              : 'Nothing recorded yet.'}
          </p>
        )}
      </div>
    </figure>
  )
})

/** The lines' values at the crosshair, or their latest ones. */
function Readout({
  metric,
  lines,
  crosshair,
  named,
}: {
  metric: string
  lines: readonly ChartLine[]
  crosshair: Crosshair
  named: boolean
}) {
  const at = useSyncExternalStore(crosshair.subscribe, crosshair.get)
  return lines.map((line) => {
    const index = at === null ? line.x.length - 1 : nearestIndex(line.x, at)
    return (
      <span key={line.key} className="flex items-center gap-1.5 text-xs whitespace-nowrap">
        {named && (
          <>
            <LineSwatch colour={line.colour} dash={line.dash} />
            <span className="max-w-40 truncate text-muted">{line.label}</span>
          </>
        )}
        <span className="font-mono text-text">{formatMetric(metric, line.y[index])}</span>
      </span>
    )
  })
}

/** The most lines a hover card lists. */
const LISTED = 12

/** The lines' values at the crosshair, largest first as on the chart, on the side away from the pointer. */
function HoverCard({
  metric,
  lines,
  crosshair,
  axis,
  layout,
}: {
  metric: string
  lines: readonly ChartLine[]
  crosshair: Crosshair
  axis: HorizontalAxis
  layout: ChartLayout
}) {
  const at = useSyncExternalStore(crosshair.subscribe, crosshair.get)
  if (at === null) return null
  const values = lines
    .flatMap((line) => {
      const value = valueAt(line, at)
      return value === null ? [] : [{ line, value }]
    })
    .sort((a, b) => b.value - a.value)
  const pixel = xToPixel(layout, at)
  const side =
    pixel > layout.plot.left + layout.plot.width / 2 ? { right: layout.width - pixel + 10 } : { left: pixel + 10 }
  return (
    <div
      className="pointer-events-none absolute top-1 z-10 max-w-64 rounded-md border border-line bg-raised/95 px-2 py-1 text-xs"
      style={side}
    >
      <p className="font-mono text-faint">{formatPosition(axis, at)}</p>
      {values.slice(0, LISTED).map(({ line, value }) => (
        <p key={line.key} className="flex items-center gap-1.5">
          <LineSwatch colour={line.colour} dash={line.dash} />
          <span className="min-w-0 flex-1 truncate text-muted">{line.label}</span>
          <span className="font-mono">{formatMetric(metric, value)}</span>
        </p>
      ))}
      {values.length > LISTED && <p className="text-faint">and {values.length - LISTED} more</p>}
    </div>
  )
}

/** A short piece of a line, as the key of a chart shows it. */
export const LineSwatch = ({ colour, dash }: { colour: string; dash: readonly number[] }) => (
  <svg width={16} height={8} aria-hidden="true" className="shrink-0">
    <line x1={0} x2={16} y1={4} y2={4} stroke={colour} strokeWidth={2} strokeDasharray={dash.join(' ')} />
  </svg>
)
