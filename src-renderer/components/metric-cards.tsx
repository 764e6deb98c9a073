import { type MetricCard, metricCardLines } from '../../src-shared/metric-card.ts'
import { formatCountOf, formatInteger, formatNumber } from '../format.ts'
import { cn } from './class-names.ts'
import { Cell, HeadCell, Table, TableHead } from './table.tsx'

/** Figures with their cards, one of which can be chosen by the name of its metric. */
export const MetricCardTable = ({
  cards,
  chosen,
  onChoose,
}: {
  cards: readonly MetricCard[]
  /** '' or null: none. */
  chosen: string | null
  onChoose: (metric: string) => void
}) => (
  <Table>
    <TableHead>
      <tr>
        <HeadCell className="pl-3">Figure</HeadCell>
        <HeadCell numeric>Value</HeadCell>
        <HeadCell numeric>Interval</HeadCell>
        <HeadCell>Unit</HeadCell>
        <HeadCell numeric>Counted</HeadCell>
        <HeadCell>Warnings</HeadCell>
      </tr>
    </TableHead>
    <tbody>
      {cards.map(({ metric, value, interval, unit, count, warnings }) => (
        <tr key={metric} className={cn('hover:bg-hover', metric === chosen && 'bg-accent-soft')}>
          <Cell className="pl-3">
            <button
              type="button"
              aria-pressed={metric === chosen}
              onClick={() => onChoose(metric)}
              className="text-left hover:underline"
            >
              {metric}
            </button>
          </Cell>
          <Cell numeric className="font-mono">
            {typeof value === 'number' ? formatNumber(value) : value}
          </Cell>
          <Cell numeric className="font-mono text-muted">
            {interval ? `${formatNumber(interval.low)} to ${formatNumber(interval.high)}` : '–'}
          </Cell>
          <Cell className="text-muted">{unit}</Cell>
          <Cell numeric>{formatInteger(count)}</Cell>
          <Cell className="text-xs text-warn">
            {warnings.length > 0 && <span title={warnings.join(' ')}>{formatCountOf(warnings.length, 'warning')}</span>}
          </Cell>
        </tr>
      ))}
    </tbody>
  </Table>
)

/** Everything that a figure rests on, for the inspector. */
export const MetricCardLines = ({ card }: { card: MetricCard }) => (
  <div className="flex flex-col gap-3 p-3 text-sm">
    <h2 className="pr-8 font-semibold">{card.metric}</h2>
    <dl className="flex flex-col gap-2">
      {metricCardLines(card).map(([name, text]) => (
        <div key={`${name} ${text}`}>
          <dt className="text-xs text-muted">{name}</dt>
          <dd className="break-words">{text}</dd>
        </div>
      ))}
    </dl>
  </div>
)
