import { memo, type PointerEvent, useCallback, useLayoutEffect, useMemo, useRef } from 'react'
import { logAxis, tightAxis } from '../../src-shared/ticks.ts'
import { useScheme } from '../theme.ts'
import { MARGIN } from './chart-layout.ts'
import { AxisText, PlotLine, ValueMark } from './plot-frame.tsx'
import { useSize } from './use-size.ts'

/** Height of the strip below the log axis in which codes without hits lie, px. */
const UNUSED = 16
/** A point is meant if the pointer is this near, px. */
const REACH = 14

/**
 * Every code as a point on a canvas: a value across, its hits upwards on a log axis. Codes without hits have no place
 * on a log axis; they lie faint in a strip of their own below it.
 */
export const ScatterChart = memo(function ScatterChart({
  x: values,
  domain,
  hits,
  colour,
  height,
  label,
  selected,
  onCode,
}: {
  x: Float32Array
  domain: readonly [number, number]
  hits: Int32Array
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
  const plot = useMemo(
    () => ({
      left: MARGIN.left,
      top: MARGIN.top,
      width: Math.max(1, width - MARGIN.left - MARGIN.right),
      height: Math.max(1, height - MARGIN.top - MARGIN.bottom - UNUSED),
    }),
    [width, height],
  )
  const xAxis = tightAxis(domain[0], domain[1], Math.max(2, Math.floor(plot.width / 60)))
  const most = useMemo(() => hits.reduce((a, b) => Math.max(a, b), 2), [hits])
  const yAxis = useMemo(() => logAxis(0.8, most * 1.15, 5), [most])
  /** Where so many hits stand, px from the top of the box. */
  const heightOf = useCallback(
    (count: number) =>
      plot.top + (1 - Math.log(count / yAxis.domain[0]) / Math.log(yAxis.domain[1] / yAxis.domain[0])) * plot.height,
    [plot, yAxis],
  )
  const places = useMemo(() => {
    const [low, high] = domain
    const xs = new Float32Array(values.length)
    const ys = new Float32Array(values.length)
    for (let code = 0; code < values.length; code++) {
      const value = Math.min(high, Math.max(low, values[code] as number))
      xs[code] = plot.left + ((value - low) / (high - low)) * plot.width
      const n = hits[code] as number
      ys[code] =
        n > 0
          ? heightOf(n)
          : // Spread over the strip by the code's id, so that the points do not hide each other.
            plot.top + plot.height + 5 + ((code * 7) % (UNUSED - 7))
    }
    return { xs, ys }
  }, [values, hits, domain, plot, heightOf])

  useLayoutEffect(() => {
    const target = canvas.current
    const context = target?.getContext('2d')
    if (!target || !context || width === 0) return
    const ratio = devicePixelRatio
    target.width = Math.round(width * ratio)
    target.height = Math.round(height * ratio)
    context.scale(ratio, ratio)
    const unused = scheme === 'dark' ? 'rgba(169, 179, 190, 0.35)' : 'rgba(75, 85, 96, 0.3)'
    for (const used of [false, true]) {
      context.fillStyle = used ? colour : unused
      context.globalAlpha = used ? 0.75 : 1
      const radius = used ? 2.5 : 1
      for (let code = 0; code < values.length; code++) {
        if ((hits[code] as number) > 0 !== used || !Number.isFinite(values[code])) continue
        context.beginPath()
        context.arc(places.xs[code] as number, places.ys[code] as number, radius, 0, 2 * Math.PI)
        context.fill()
      }
    }
  }, [places, values, hits, colour, width, height, scheme])

  const move = (event: PointerEvent) => {
    const frame = event.currentTarget.getBoundingClientRect()
    const [px, py] = [event.clientX - frame.left, event.clientY - frame.top]
    let best: number | null = null
    let nearest = REACH
    for (let code = 0; code < values.length; code++) {
      // Used codes are the ones meant; unused ones answer only from close by.
      const away =
        Math.hypot((places.xs[code] as number) - px, (places.ys[code] as number) - py) +
        ((hits[code] as number) > 0 ? 0 : REACH / 2)
      if (away < nearest) {
        nearest = away
        best = code
      }
    }
    if (best !== null) onCode(best)
  }
  const base = plot.top + plot.height

  return (
    <div ref={box} className="relative" style={{ height }} role="img" aria-label={label} onPointerMove={move}>
      <svg className="absolute inset-0" width={width} height={height} aria-hidden="true">
        {yAxis.ticks.map((tick) => (
          <ValueMark key={tick} plot={plot} y={heightOf(tick)}>
            {yAxis.format(tick)}
          </ValueMark>
        ))}
        <AxisText x={plot.left - 6} y={base + UNUSED - 3} anchor="end">
          dead
        </AxisText>
        <PlotLine plot={plot} y={base} stroke="var(--line)" />
        <PlotLine plot={plot} y={base + UNUSED} stroke="var(--line-strong)" />
        {xAxis.ticks.map((tick) => {
          const at = plot.left + ((tick - domain[0]) / (domain[1] - domain[0])) * plot.width
          return (
            <g key={tick}>
              {tick === 0 && domain[0] < 0 && (
                <line x1={at} x2={at} y1={plot.top} y2={base + UNUSED} stroke="var(--text)" strokeOpacity={0.35} />
              )}
              <AxisText x={at} y={height - 6} anchor="middle">
                {xAxis.format(tick)}
              </AxisText>
            </g>
          )
        })}
      </svg>
      <canvas ref={canvas} className="pointer-events-none absolute inset-0 size-full" />
      {selected !== null && selected < values.length && width > 0 && (
        <svg className="pointer-events-none absolute inset-0" width={width} height={height} aria-hidden="true">
          <circle
            cx={places.xs[selected]}
            cy={places.ys[selected]}
            r={5.5}
            fill="none"
            stroke="var(--text)"
            strokeWidth={1.5}
          />
        </svg>
      )}
    </div>
  )
})
