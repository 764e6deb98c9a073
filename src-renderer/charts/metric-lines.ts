import type { MetricSeries } from '../../src-shared/contract/runs.ts'
import type { ChartLine, HorizontalAxis } from './chart-layout.ts'
import { bandOf } from './series.ts'
import { smooth } from './smoothing.ts'

/** How a line looks. */
export interface LineStyle {
  label: string
  colour: string
  dash: readonly number[]
}

/** A recorded series as a chart's line; with smoothing, the raw values stay behind it. */
export function lineOfSeries(
  series: MetricSeries,
  style: LineStyle,
  axis: HorizontalAxis,
  smoothing: number,
): ChartLine {
  const x = axis === 'step' ? series.step : series.seconds
  return {
    ...style,
    key: `${series.runId} ${series.name}`,
    x,
    y: smooth(x, series.value, smoothing),
    raw: smoothing > 0 && series.value.length > 2 ? series.value : null,
    band: null,
  }
}

/** Mean ± sample standard deviation of several runs' series (seeds of one arm), smoothed before averaging. */
export function lineOfArm(
  series: readonly MetricSeries[],
  style: LineStyle,
  axis: HorizontalAxis,
  smoothing: number,
): ChartLine {
  const band = bandOf(
    series.map(({ step, seconds, value }) => {
      const x = axis === 'step' ? step : seconds
      return { x, y: smooth(x, value, smoothing) }
    }),
  )
  const end = (sign: 1 | -1) =>
    band.mean.map((mean, index) => {
      const std = band.std[index] ?? null
      return std === null ? null : mean + sign * std
    })
  return {
    ...style,
    label: `${style.label} (n = ${series.length})`,
    key: style.label,
    x: band.x,
    y: band.mean,
    raw: null,
    band: band.std.some((std) => std !== null) ? { low: end(-1), high: end(1) } : null,
  }
}
