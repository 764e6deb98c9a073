import { metricDefinition } from '../../src-shared/metrics.ts'
import { cn } from './class-names.ts'
import { Tooltip } from './tooltip.tsx'

const direction = { lower: 'Lower is better.', higher: 'Higher is better.', none: '' }

/** A metric's label; its unit and definition are one hover, or one tab stop, away. */
export function MetricLabel({
  name,
  short,
  unit = false,
  focusable = true,
  className,
}: {
  name: string
  /** A shorter label where the column is narrow. */
  short?: string
  /** Show the unit after the label. */
  unit?: boolean
  /** False inside another control, which then takes the focus. */
  focusable?: boolean
  className?: string
}) {
  const metric = metricDefinition(name)
  if (!metric) return <span className={cn('font-mono', className)}>{name}</span>
  return (
    <Tooltip
      content={
        <>
          <span className="font-semibold">{metric.label}</span> <span className="text-muted">[{metric.unit}]</span>
          <br />
          {metric.definition} {direction[metric.better]}
        </>
      }
    >
      <span
        {...(focusable ? { tabIndex: 0 } : {})}
        className={cn('underline decoration-line-strong decoration-dotted underline-offset-4', className)}
      >
        {short ?? metric.label}
        {unit && <span className="font-normal text-faint"> {metric.unit}</span>}
      </span>
    </Tooltip>
  )
}
