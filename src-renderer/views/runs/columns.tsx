import { createColumnHelper } from '@tanstack/react-table'
import type { ReactNode } from 'react'
import type { RunSummary } from '../../../src-shared/contract/runs.ts'
import { RunSwatch, StateBadge, Tag } from '../../components/badge.tsx'
import { MetricLabel } from '../../components/metric-label.tsx'
import { Progress } from '../../components/progress.tsx'
import { formatDuration, formatInteger, formatMetric, formatNumber, formatTime } from '../../format.ts'
import { useRunColour } from '../../theme.ts'
import { codesUsed } from './codes-used.ts'

declare module '@tanstack/react-table' {
  interface ColumnMeta<TData, TValue> {
    numeric?: boolean
    /** Shown only where the table is at least so wide, as a container-query class. */
    className?: string
    /** Name in the column menu and for sorting. */
    title: string
    header?: ReactNode
  }
}

const column = createColumnHelper<RunSummary>()
const metric = (name: string, short: string, className = '') =>
  column.accessor((run) => run.latest[name], {
    id: name,
    sortUndefined: 'last',
    meta: {
      numeric: true,
      title: short,
      header: <MetricLabel name={name} short={short} focusable={false} />,
      className,
    },
    cell: ({ getValue }) => <span className="font-mono">{formatMetric(name, getValue())}</span>,
  })

/** Columns of a table of runs, in order. */
export const runColumns = [
  column.accessor('state', {
    id: 'state',
    meta: { title: 'State', className: 'w-28' },
    cell: ({ row: { original: run } }) => (
      <StateBadge state={run.state} queuePosition={run.queuePosition} reason={run.reason} />
    ),
  }),
  column.accessor('name', {
    id: 'name',
    meta: { title: 'Name', className: 'truncate' },
    cell: ({ row: { original: run } }) => <RunName run={run} />,
  }),
  column.accessor((run) => run.armLabel ?? '', {
    id: 'arm',
    meta: { title: 'Arm', className: 'hidden @7xl:table-cell w-32 truncate' },
    cell: ({ getValue }) => <span className="text-muted">{getValue() || '–'}</span>,
  }),
  column.accessor('paradigm', {
    id: 'paradigm',
    meta: { title: 'Paradigm', className: 'hidden @3xl:table-cell w-24' },
  }),
  column.accessor('tokenizer', { id: 'tokenizer', meta: { title: 'Tok.', className: 'hidden @4xl:table-cell w-12' } }),
  column.accessor('seed', {
    id: 'seed',
    meta: { numeric: true, title: 'Seed', className: 'hidden @4xl:table-cell w-14' },
    cell: ({ getValue }) => <span className="font-mono">{getValue()}</span>,
  }),
  column.accessor((run) => run.step / run.steps, {
    id: 'progress',
    meta: { title: 'Progress, time left', className: 'w-44 px-3' },
    cell: ({ row: { original: run } }) => <RunProgress run={run} />,
  }),
  metric('heldout.mse', 'Held-out MSE', 'w-26'),
  metric('language.perplexity', 'Text ppl.', 'hidden @2xl:table-cell w-20'),
  column.accessor((run) => codesUsed(run).reduce((sum, count) => sum + count, 0), {
    id: 'codes',
    meta: {
      numeric: true,
      title: 'Codes used',
      header: <MetricLabel name="usage.codes.0" short="Codes used" focusable={false} />,
      className: 'hidden @6xl:table-cell w-28',
    },
    cell: ({ row: { original: run } }) => <CodesUsed run={run} />,
  }),
  column.accessor((run) => run.imagesPerSecond ?? undefined, {
    id: 'speed',
    sortUndefined: 'last',
    meta: { numeric: true, title: 'images/s', className: 'hidden @6xl:table-cell w-20' },
    cell: ({ getValue }) => {
      const value = getValue()
      return <span className="font-mono">{value === undefined ? '–' : formatNumber(value, 3)}</span>
    },
  }),
  column.accessor('createdAt', {
    id: 'created',
    meta: { numeric: true, title: 'Created', className: 'hidden @6xl:table-cell w-28 pr-4' },
    cell: ({ getValue }) => <span className="text-muted">{formatTime(getValue(), Date.now())}</span>,
  }),
]

function RunName({ run }: { run: RunSummary }) {
  const colour = useRunColour()
  return (
    <span className="flex min-w-0 items-center gap-2">
      <RunSwatch colour={colour(run.colour)} />
      <span className="max-w-[calc(100%-18px)] shrink-0 truncate font-medium" title={run.name}>
        {run.name}
      </span>
      {/* The name has the room; tags take what is left of it. */}
      <span className="flex h-5 min-w-0 flex-wrap gap-1 overflow-hidden" title={run.tags.join(', ')}>
        {run.tags.map((tag) => (
          <Tag key={tag}>{tag}</Tag>
        ))}
      </span>
    </span>
  )
}

/** Codes used in each layer; of more than two layers the range. */
function CodesUsed({ run }: { run: RunSummary }) {
  const counts = codesUsed(run)
  const all = counts.map(formatInteger).join(' · ')
  const text = counts.length > 2 ? `${formatInteger(Math.min(...counts))} … ${formatInteger(Math.max(...counts))}` : all
  return (
    <span className="font-mono" title={counts.length > 2 ? `by layer: ${all}` : undefined}>
      {text || '–'}
    </span>
  )
}

/** Bar, step of steps, and the time left while the run trains. */
export function RunProgress({ run }: { run: RunSummary }) {
  const tone =
    run.state === 'finished' ? 'ok' : run.state === 'running' ? 'accent' : run.state === 'failed' ? 'danger' : 'faint'
  const left = run.state === 'running' && run.secondsLeft !== null ? formatDuration(run.secondsLeft) : null
  return (
    <div className="flex flex-col justify-center gap-1 tabular-nums">
      <div className="flex justify-between gap-3 text-xs leading-3.5">
        <span className="font-mono text-muted">
          {formatInteger(run.step)} / {formatInteger(run.steps)}
        </span>
        {left && <span className="text-muted">{left}</span>}
      </div>
      <Progress value={run.step} max={run.steps} tone={tone} label={`Progress of ${run.name}`} />
    </div>
  )
}
