import { memo, useMemo } from 'react'
import { Area, ComposedChart, Line, XAxis, YAxis } from 'recharts'
import { type ChartLayout, type ChartLine, MARGIN } from './chart-layout.ts'

interface Row {
  x: number
  values: (number | null)[]
}
const TICK = { fill: 'var(--faint)', fontSize: 10.5 }
/** Lines of so few points show each of them. */
const DOTTED = 24
const AXIS_LINE = { stroke: 'var(--line-strong)' }

/** The curves of a chart by recharts, for up to 500 points a line. Axes and places are the layout's. */
export const RechartsCurves = memo(function RechartsCurves({
  layout,
  lines,
}: {
  layout: ChartLayout
  lines: readonly ChartLine[]
}) {
  const rows = useMemo<Row[]>(
    () => layout.table.x.map((x, row) => ({ x, values: layout.table.columns.map((column) => column[row] ?? null) })),
    [layout],
  )
  const at = (column: number) => (row: Row) => row.values[column] ?? null
  return (
    <ComposedChart
      width={layout.width}
      height={layout.height}
      data={rows}
      margin={{ top: MARGIN.top, right: MARGIN.right, bottom: 0, left: 0 }}
      accessibilityLayer={false}
    >
      <XAxis
        dataKey="x"
        type="number"
        domain={layout.x.domain}
        ticks={layout.x.ticks}
        tickFormatter={layout.x.format}
        height={MARGIN.bottom}
        interval={0}
        allowDataOverflow
        tick={TICK}
        tickSize={4}
        tickMargin={2}
        axisLine={AXIS_LINE}
        tickLine={AXIS_LINE}
      />
      <YAxis
        type="number"
        scale={layout.log ? 'log' : 'linear'}
        domain={layout.y.domain}
        ticks={layout.y.ticks}
        tickFormatter={layout.y.format}
        width={MARGIN.left}
        interval={0}
        allowDataOverflow
        tick={TICK}
        tickSize={0}
        tickMargin={6}
        axisLine={false}
        tickLine={false}
      />
      {lines.map((line, index) => {
        const { low, high } = layout.columns[index] ?? { low: null, high: null }
        return low === null || high === null ? null : (
          <Area
            key={`band ${line.key}`}
            dataKey={(row: Row) => {
              const ends = [row.values[low] ?? null, row.values[high] ?? null]
              return ends.includes(null) ? null : ends
            }}
            stroke="none"
            fill={line.colour}
            fillOpacity={0.16}
            connectNulls
            isAnimationActive={false}
            activeDot={false}
          />
        )
      })}
      {lines.map((line, index) => {
        const raw = layout.columns[index]?.raw ?? null
        return raw === null ? null : (
          <Line
            key={`raw ${line.key}`}
            dataKey={at(raw)}
            stroke={line.colour}
            strokeOpacity={0.36}
            strokeWidth={1}
            dot={false}
            activeDot={false}
            connectNulls
            isAnimationActive={false}
          />
        )
      })}
      {lines.map((line, index) => (
        <Line
          key={line.key}
          dataKey={at(layout.columns[index]?.line ?? 0)}
          stroke={line.colour}
          strokeWidth={1.5}
          strokeDasharray={line.dash.join(' ')}
          dot={line.x.length <= DOTTED ? { r: 1.75, fill: line.colour, stroke: 'none' } : false}
          activeDot={false}
          connectNulls
          isAnimationActive={false}
        />
      ))}
    </ComposedChart>
  )
})
