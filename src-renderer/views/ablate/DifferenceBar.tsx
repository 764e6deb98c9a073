import { diverging, rgbToCss } from '../../colours.ts'
import { barGeometry } from './difference-scale.ts'

const WIDTH = 84
const HEIGHT = 12
const HALF = WIDTH / 2
const x = (position: number) => HALF + position * (HALF - 3)

/** A difference from the baseline: bar from the zero line to the mean, whisker for the 95 % interval. */
export function DifferenceBar({
  difference,
  scale,
}: {
  difference: { mean: number; low: number | null; high: number | null }
  /** Value at the bar's end. */
  scale: number
}) {
  const bar = barGeometry(difference, scale)
  const colour = rgbToCss(diverging(Math.sign(bar.mean) * 0.62))
  const interval = difference.low !== null && difference.high !== null
  return (
    <svg
      aria-hidden
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className="block overflow-visible"
    >
      <rect
        x={Math.min(HALF, x(bar.mean))}
        y={3}
        width={Math.abs(x(bar.mean) - HALF)}
        height={6}
        fill={colour}
        opacity={0.85}
      />
      {interval && (
        <g className="stroke-text" strokeWidth={1}>
          <line x1={x(bar.low)} x2={x(bar.high)} y1={6} y2={6} />
          {bar.cutLow ? <Arrow at={x(bar.low)} to={-3} /> : <line x1={x(bar.low)} x2={x(bar.low)} y1={3.5} y2={8.5} />}
          {bar.cutHigh ? (
            <Arrow at={x(bar.high)} to={3} />
          ) : (
            <line x1={x(bar.high)} x2={x(bar.high)} y1={3.5} y2={8.5} />
          )}
        </g>
      )}
      <line x1={HALF} x2={HALF} y1={0} y2={HEIGHT} className="stroke-faint" strokeWidth={1} />
    </svg>
  )
}

/** The interval goes on beyond the scale. */
const Arrow = ({ at, to }: { at: number; to: number }) => (
  <path d={`M ${at - to} 3.5 L ${at} 6 L ${at - to} 8.5`} fill="none" />
)
