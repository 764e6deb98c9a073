import { memo, type PointerEvent, useState } from 'react'
import { linearAxis, tightAxis } from '../../src-shared/ticks.ts'
import { formatFixed, formatInteger, formatPercent } from '../format.ts'
import type { Histogram } from './binning.ts'
import { MARGIN } from './chart-layout.ts'
import { AxisText, PlotLine, ValueMark } from './plot-frame.tsx'
import { useSize } from './use-size.ts'

/**
 * Two histograms over the same bins, each in shares of its own total: some values filled, all values as an outline, so
 * that a few used codes show beside thousands of unused ones.
 */
export const HistogramChart = memo(function HistogramChart({
  all,
  some,
  colour,
  height,
  label,
  names,
  zero,
}: {
  all: Histogram
  some: Histogram
  colour: string
  height: number
  label: string
  names: { all: string; some: string }
  /** Draw a line at zero. */
  zero: boolean
}) {
  const [box, { width }] = useSize<HTMLDivElement>()
  const [hovered, setHovered] = useState<number | null>(null)
  const bins = all.counts.length
  const low = all.edges[0] as number
  const high = all.edges[bins] as number
  const plot = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: Math.max(1, height - MARGIN.top - MARGIN.bottom),
  }
  const shares = (histogram: Histogram) => {
    const total = histogram.counts.reduce((sum, n) => sum + n, histogram.outside)
    return histogram.counts.map((n) => (total === 0 ? 0 : n / total))
  }
  const allShares = shares(all)
  const someShares = shares(some)
  const x = tightAxis(low, high, Math.max(2, Math.floor(plot.width / 60)))
  const y = linearAxis(0, Math.max(0.01, ...allShares, ...someShares), 4)
  const left = (value: number) => plot.left + ((value - low) / (high - low)) * plot.width
  const top = (share: number) => plot.top + (1 - share / y.domain[1]) * plot.height
  const base = plot.top + plot.height
  const outline = allShares
    .map((share, bin) => `L${left(all.edges[bin] as number)} ${top(share)}H${left(all.edges[bin + 1] as number)}`)
    .join('')
  const move = (event: PointerEvent) => {
    const at = event.clientX - event.currentTarget.getBoundingClientRect().left
    const bin = Math.floor(((at - plot.left) / plot.width) * bins)
    setHovered(bin >= 0 && bin < bins ? bin : null)
  }
  const from = hovered === null ? 0 : (all.edges[hovered] as number)
  const to = hovered === null ? 0 : (all.edges[hovered + 1] as number)

  return (
    <>
      <p className="flex h-6 items-end justify-between gap-4 px-3 text-xs text-muted">
        {hovered === null ? (
          <span className="flex gap-4">
            <span className="flex items-center gap-1.5">
              <span className="size-2.5 rounded-[2px]" style={{ background: colour }} /> {names.some}
            </span>
            <span className="flex items-center gap-1.5">
              <span className="size-2.5 rounded-[2px] border border-muted" /> {names.all}
            </span>
          </span>
        ) : (
          <span className="font-mono">
            {formatFixed(from, 2)} to {formatFixed(to, 2)}: {formatInteger(some.counts[hovered] ?? 0)} of {names.some} (
            {formatPercent(someShares[hovered] ?? 0, 1)}), {formatInteger(all.counts[hovered] ?? 0)} of {names.all} (
            {formatPercent(allShares[hovered] ?? 0, 1)})
          </span>
        )}
      </p>
      <div ref={box} className="relative" style={{ height }}>
        {width > 0 && (
          <svg
            width={width}
            height={height}
            role="img"
            aria-label={label}
            onPointerMove={move}
            onPointerLeave={() => setHovered(null)}
          >
            {y.ticks.map((tick) => (
              <ValueMark key={tick} plot={plot} y={top(tick)}>
                {formatPercent(tick)}
              </ValueMark>
            ))}
            {hovered !== null && (
              <rect
                x={left(from)}
                y={plot.top}
                width={left(to) - left(from)}
                height={plot.height}
                fill="var(--text)"
                fillOpacity={0.06}
              />
            )}
            {someShares.map((share, bin) => {
              const start = left(some.edges[bin] as number)
              return share > 0 ? (
                <rect
                  key={some.edges[bin]}
                  x={start + 0.5}
                  y={top(share)}
                  width={Math.max(1, left(some.edges[bin + 1] as number) - start - 1)}
                  height={base - top(share)}
                  fill={colour}
                  fillOpacity={0.85}
                />
              ) : null
            })}
            <path d={`M${plot.left} ${base}${outline}V${base}`} fill="none" stroke="var(--muted)" strokeWidth={1} />
            {zero && low < 0 && high > 0 && (
              <line x1={left(0)} x2={left(0)} y1={plot.top} y2={base} stroke="var(--text)" strokeOpacity={0.4} />
            )}
            <PlotLine plot={plot} y={base} stroke="var(--line-strong)" />
            {x.ticks.map((tick) => (
              <AxisText key={tick} x={left(tick)} y={base + 14} anchor="middle">
                {x.format(tick)}
              </AxisText>
            ))}
          </svg>
        )}
      </div>
    </>
  )
})
