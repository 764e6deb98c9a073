import { createContext, useContext } from 'react'
import { metricDefinition } from '../../src-shared/metrics.ts'
import { cardLines, cardOf, type ProvenanceCards } from '../../src-shared/provenance.ts'
import { cn } from './class-names.ts'
import { Tooltip } from './tooltip.tsx'

const direction = { lower: 'Lower is better.', higher: 'Higher is better.', none: '' }

/** Cards of the numbers that are shown inside; a view of one run or one ablation gives them. */
export const Provenance = createContext<ProvenanceCards>({})

/** A metric's label; its unit, definition and provenance card are one hover, or one tab stop, away. */
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
  const card = cardOf(useContext(Provenance), name)
  if (!metric) return <span className={cn('font-mono', className)}>{name}</span>
  return (
    <Tooltip
      content={
        <>
          <span className="font-semibold">{metric.label}</span> <span className="text-muted">[{metric.unit}]</span>
          <br />
          {metric.definition} {direction[metric.better]}
          {card && <ProvenanceLines lines={cardLines(card)} />}
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

function ProvenanceLines({ lines }: { lines: readonly (readonly [string, string])[] }) {
  return (
    <dl className="mt-1.5 grid grid-cols-[auto_1fr] gap-x-2 gap-y-0.5 border-t border-line pt-1.5">
      {lines.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="break-words">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
