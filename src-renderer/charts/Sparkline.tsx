import { memo } from 'react'

const WIDTH = 240
const HEIGHT = 34

/** A small line without axes: how a count went, from 0 up, with its largest value beside it. */
export const Sparkline = memo(function Sparkline({
  x,
  y,
  marks,
  at,
  label,
}: {
  x: readonly number[]
  y: readonly number[]
  /** Moments to mark with a tick, such as restarts. */
  marks: readonly number[]
  /** The moment that is looked at; null: none. */
  at: number | null
  label: string
}) {
  const most = y.reduce((a, b) => Math.max(a, b), 1)
  const [first = 0, last = 1] = [x[0], x.at(-1)]
  const px = (value: number) => 1 + ((value - first) / Math.max(1, last - first)) * (WIDTH - 2)
  const py = (value: number) => HEIGHT - 4 - (value / most) * (HEIGHT - 8)
  const line = x.map((value, index) => `${px(value).toFixed(1)} ${py(y[index] ?? 0).toFixed(1)}`)
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className="mt-0.5 h-[34px] w-full"
      role="img"
      aria-label={`${label}, at most ${most}`}
    >
      <line x1={1} x2={WIDTH - 1} y1={HEIGHT - 3.5} y2={HEIGHT - 3.5} stroke="var(--line)" />
      {line.length > 1 && <path d={`M${line.join('L')}`} fill="none" stroke="var(--accent)" strokeWidth={1.5} />}
      {line.length === 1 && <circle cx={px(first)} cy={py(y[0] ?? 0)} r={2} fill="var(--accent)" />}
      {marks.map((step) => (
        <line key={step} x1={px(step)} x2={px(step)} y1={HEIGHT - 8} y2={HEIGHT - 1} stroke="var(--warn)">
          <title>{`restart at step ${step}`}</title>
        </line>
      ))}
      {at !== null && <line x1={px(at)} x2={px(at)} y1={2} y2={HEIGHT - 4} stroke="var(--text)" strokeOpacity={0.35} />}
      <text x={WIDTH - 2} y={9} textAnchor="end" fontSize={9} fill="var(--faint)">
        {most.toLocaleString('en-US')}
      </text>
    </svg>
  )
})
