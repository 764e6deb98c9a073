import type { MeasuredFigure } from '../../../src-shared/contract/paper.ts'
import { useRunColour } from '../../theme.ts'
import { stripPlace } from './seed-strip.ts'

const [WIDTH, HEIGHT, MARGIN] = [64, 9, 4]

/** The seeds of a figure as dots on its column's scale, over the 95 % interval of their mean. */
export function SeedStrip({ figure, domain }: { figure: MeasuredFigure; domain: readonly [number, number] }) {
  const colour = useRunColour()
  const x = (value: number) => stripPlace(value, domain, WIDTH, MARGIN)
  return (
    <svg aria-hidden width={WIDTH} height={HEIGHT} className="block">
      <line x1={MARGIN} x2={WIDTH - MARGIN} y1={HEIGHT / 2} y2={HEIGHT / 2} className="stroke-line" />
      {figure.low !== null && figure.high !== null && (
        <line
          x1={x(figure.low)}
          x2={x(figure.high)}
          y1={HEIGHT / 2}
          y2={HEIGHT / 2}
          className="stroke-muted"
          strokeWidth={2}
        />
      )}
      {figure.values
        .filter(({ value }) => Number.isFinite(value))
        .map(({ runId, value, colour: index }) => (
          <circle
            key={runId}
            cx={x(value)}
            cy={HEIGHT / 2}
            r={2.5}
            fill={colour(index)}
            className="stroke-surface"
            strokeWidth={0.75}
          />
        ))}
      {Number.isFinite(figure.mean) && (
        <line
          x1={x(figure.mean)}
          x2={x(figure.mean)}
          y1={0.5}
          y2={HEIGHT - 0.5}
          className="stroke-text"
          strokeWidth={1}
        />
      )}
    </svg>
  )
}
