import { memo, useEffect, useMemo, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { hexToRgb, type Scheme } from '../colours.ts'
import { type ChartLayout, type ChartLine, MARGIN } from './chart-layout.ts'

const alpha = (colour: string, share: number): string => {
  const [r, g, b] = hexToRgb(colour)
  return `rgba(${r}, ${g}, ${b}, ${share})`
}

/** Series of uPlot and the table's column behind each: bands' ends first, then raw values, then the curves. */
function seriesOf(layout: ChartLayout, lines: readonly ChartLine[]) {
  const series: { column: number; options: uPlot.Series }[] = []
  const bands: uPlot.Band[] = []
  const hidden: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false }, spanGaps: true }
  for (const [index, line] of lines.entries()) {
    const { low, high } = layout.columns[index] ?? { low: null, high: null }
    if (low === null || high === null) continue
    const upper = series.push({ column: high, options: hidden })
    const lower = series.push({ column: low, options: hidden })
    bands.push({ series: [upper, lower], fill: alpha(line.colour, 0.16) })
  }
  const stroke = (line: ChartLine, share: number, width: number): uPlot.Series => ({
    stroke: alpha(line.colour, share),
    width,
    dash: [...line.dash],
    points: { show: false },
    spanGaps: true,
  })
  for (const [index, line] of lines.entries()) {
    const raw = layout.columns[index]?.raw ?? null
    if (raw !== null) series.push({ column: raw, options: stroke({ ...line, dash: [] }, 0.36, 1) })
  }
  for (const [index, line] of lines.entries())
    series.push({ column: layout.columns[index]?.line ?? 0, options: stroke(line, 1, 1.5) })
  return { series, bands }
}

/** The curves of a chart by uPlot, for lines of more than 500 points. Axes and places are the layout's. */
export const UplotCurves = memo(function UplotCurves({
  layout,
  lines,
  scheme,
}: {
  layout: ChartLayout
  lines: readonly ChartLine[]
  scheme: Scheme
}) {
  const box = useRef<HTMLDivElement>(null)
  const current = useRef(layout)
  current.current = layout
  const { series, bands } = useMemo(() => seriesOf(layout, lines), [layout, lines])
  // A new plot is made only when what it consists of changes; new values go into the one there is.
  const shape = JSON.stringify([series, bands, layout.log, layout.width, layout.height, scheme])
  const plot = useRef<uPlot | null>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for everything read here
  useEffect(() => {
    const element = box.current
    if (!element) return
    const style = getComputedStyle(document.documentElement)
    const faint = style.getPropertyValue('--faint')
    const strong = style.getPropertyValue('--line-strong')
    const font = `10.5px ${style.getPropertyValue('font-family') || 'sans-serif'}`
    const made = new uPlot(
      {
        width: layout.width,
        height: layout.height,
        padding: [MARGIN.top, MARGIN.right, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: () => current.current.x.domain },
          y: { distr: layout.log ? 3 : 1, range: () => current.current.y.domain },
        },
        axes: [
          {
            size: MARGIN.bottom,
            gap: 2,
            font,
            stroke: faint,
            grid: { show: false },
            ticks: { size: 4, width: 1, stroke: strong },
            border: { show: true, width: 1, stroke: strong },
            splits: () => current.current.x.ticks,
            values: (_, splits) => splits.map(current.current.x.format),
          },
          {
            size: MARGIN.left,
            gap: 6,
            font,
            stroke: faint,
            grid: { show: false },
            ticks: { show: false },
            splits: () => current.current.y.ticks,
            filter: (_, splits) => splits,
            values: (_, splits) => splits.map(current.current.y.format),
          },
        ],
        series: [{}, ...series.map(({ options }) => options)],
        bands,
      },
      [layout.table.x, ...series.map(({ column }) => layout.table.columns[column] ?? [])],
      element,
    )
    plot.current = made
    return () => {
      plot.current = null
      made.destroy()
    }
  }, [shape])

  useEffect(() => {
    plot.current?.setData([layout.table.x, ...series.map(({ column }) => layout.table.columns[column] ?? [])])
  }, [layout, series])

  return <div ref={box} style={{ width: layout.width, height: layout.height }} />
})
