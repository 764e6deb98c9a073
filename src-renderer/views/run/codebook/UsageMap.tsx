import { memo, useMemo, useState } from 'react'
import type { UsageQuery } from '../../../../src-shared/contract/code-records.ts'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import { HEAT_MAP_FRAME, type HeatCell, HeatMap } from '../../../charts/HeatMap.tsx'
import { placesOfRow, rowOfPlace } from '../../../charts/heat-map.ts'
import { viridis } from '../../../colours.ts'
import { Panel } from '../../../components/panel.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../../components/states.tsx'
import { formatCountOf, formatInteger, formatNumber } from '../../../format.ts'
import type { CodeNames } from '../../../pictures/code-names.ts'
import { ScaleLegend } from '../../../pictures/ScaleLegend.tsx'
import { type UsageMap as Usage, useUsage } from './use-usage.ts'

const ENDS: Record<UsageQuery['order'], readonly [string, string]> = {
  usage: ['most used', 'least'],
  birth: ['earliest', 'latest'],
  id: ['first id', 'last id'],
  norm: ['longest', 'shortest'],
  cosine: ['nearest', 'farthest'],
}
export const UNIT = { window: 'hits in the window', heldOut: 'hits, held-out' } as const
/** A server that paints no more columns than this is asked for. */
const COLUMNS = 800

/** Usage of the codes of one layer over the run: a heat map with the run's syncs above and its restarts below. */
export const UsageMap = memo(function UsageMap({
  run,
  layer,
  title,
  height,
  hits,
  order,
  reduce,
  show,
  codes,
  names,
  selected,
  onCode,
}: {
  run: RunDetail
  layer: number
  title: string
  height: number
  hits: UsageQuery['hits']
  order: UsageQuery['order']
  reduce: UsageQuery['reduce']
  show: UsageQuery['show']
  /** Only these; null: those that `show` says. */
  codes: number[] | null
  names: CodeNames
  selected: number
  onCode: (code: number) => void
}) {
  const [pointed, setPointed] = useState<HeatCell | null>(null)
  const rows = height - HEAT_MAP_FRAME
  const query = useUsage(
    { id: run.id, layer, hits, order, reduce, show, rows, columns: COLUMNS, ...(codes ? { codes } : {}) },
    run.sampleSteps.length,
  )
  const usage = query.data
  const most = useMemo(() => usage?.value.reduce((a, b) => Math.max(a, b), 1) ?? 1, [usage])
  const place = useMemo(() => usage?.codes.indexOf(selected) ?? -1, [usage, selected])
  const events = useMemo(
    () => [
      ...run.syncs.map(({ step }) => ({ step, kind: 'sync' as const, label: `Sync at step ${formatInteger(step)}` })),
      ...run.alarmList.map(({ step, name }) => ({
        step,
        kind: 'alarm' as const,
        label: `Alarm at step ${formatInteger(step)}: ${name}`,
      })),
    ],
    [run.syncs, run.alarmList],
  )
  const bars = useMemo(() => restartBars(usage), [usage])
  const cell = usage && pointed && pointed.row < usage.rows && pointed.column < usage.columns ? pointed : null
  const codeAt = (at: HeatCell): number => usage?.top[at.row * usage.columns + at.column] ?? -1

  if (query.isError)
    return (
      <Panel title={title}>
        <ErrorState
          title="The usage of this layer cannot be shown"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      </Panel>
    )
  return (
    <Panel
      title={title}
      flush
      actions={
        <span className="pr-2">
          <ScaleLegend low="1" middle={null} high={formatInteger(most)} unit="hits, log" scale={viridis} />
        </span>
      }
    >
      <div aria-busy={query.isFetching} style={{ minHeight: height }}>
        {!usage ? (
          <Skeleton lines={8} className="p-4" />
        ) : usage.rows === 0 ? (
          <EmptyState title={codes ? 'No code by that name' : 'No code used yet'} className="py-8">
            {codes
              ? 'Search a code id, or a part of a token’s text.'
              : `No sample so far has ${UNIT[hits]} in this layer.`}
          </EmptyState>
        ) : (
          <HeatMap
            value={usage.value}
            rows={usage.rows}
            columns={usage.columns}
            steps={usage.steps}
            most={most}
            height={height}
            label={`${title}: ${UNIT[hits]} of ${formatCountOf(usage.codes.length, 'code')} over ${formatCountOf(usage.steps.length, 'sample')}, ${ENDS[order][0]} on top`}
            ends={ENDS[order]}
            events={events}
            bars={bars}
            markedRow={place < 0 ? null : rowOfPlace(place, usage.rows, usage.codes.length)}
            pointed={cell}
            onPoint={setPointed}
            onPick={(at) => {
              const code = codeAt(at)
              if (code >= 0) onCode(code)
            }}
            card={cell && <CellWords usage={usage} cell={cell} code={codeAt(cell)} names={names} reduce={reduce} />}
          />
        )}
      </div>
      {usage && usage.rows > 0 && (
        <p
          className="truncate px-3 pb-1.5 text-xs text-faint"
          title="Bright: many hits. A code without any at a sample has the colour of the ground. Ticks above the map: syncs; triangles: alarms; bars below it: codes restarted."
        >
          {UNIT[hits]} · {formatInteger(usage.everUsed)} of {formatInteger(usage.codebookSize)} codes ever used ·{' '}
          {rowsInWords(usage, reduce)}
        </p>
      )}
      {usage && usage.unreadable.length > 0 && (
        <p role="status" className="border-t border-line px-3 py-1.5 text-xs text-warn">
          {formatCountOf(usage.unreadable.length, 'sample')} left out, which cannot be read: step{' '}
          {usage.unreadable.map(({ step }) => formatInteger(step)).join(', ')}. {usage.unreadable[0]?.message}
        </p>
      )}
    </Panel>
  )
})

function rowsInWords({ rows, codes }: Usage, reduce: UsageQuery['reduce']): string {
  const share = codes.length / rows
  if (share <= 1) return 'one code a row'
  return `row: ${reduce === 'max' ? 'most used' : 'sum'} of ${formatNumber(share, 2)} codes`
}

/** Codes restarted between one sample and the next. */
function restartBars(usage: Usage | undefined) {
  const totals = usage?.restarts ?? []
  const values = totals.map((total, index) => Math.max(0, total - (totals[index - 1] ?? 0)))
  return {
    name: 'restarts',
    values,
    label: (index: number) =>
      `${formatCountOf(values[index] ?? 0, 'restart')} up to step ${formatInteger(usage?.steps[index] ?? 0)}`,
  }
}

function CellWords({
  usage,
  cell,
  code,
  names,
  reduce,
}: {
  usage: Usage
  cell: HeatCell
  code: number
  names: CodeNames
  reduce: UsageQuery['reduce']
}) {
  const value = usage.value[cell.row * usage.columns + cell.column] ?? 0
  const [from, to] = placesOfRow(cell.row, usage.rows, usage.codes.length)
  const first = Math.ceil((cell.column * usage.steps.length) / usage.columns)
  const last = Math.ceil(((cell.column + 1) * usage.steps.length) / usage.columns) - 1
  const span = [...new Set([usage.steps[first] ?? 0, usage.steps[last] ?? 0])].map(formatInteger).join(' to ')
  return (
    <>
      <p className="font-mono text-faint">step {span}</p>
      <p>
        <span className="font-mono font-medium">{names.number(code)}</span>{' '}
        <span className="font-mono text-accent">{names.text(code)}</span>
      </p>
      <p>
        <span className="font-mono">{formatInteger(value)}</span>{' '}
        <span className="text-muted">
          {value === 1 ? 'hit' : 'hits'}
          {to - from > 1 &&
            (reduce === 'max'
              ? `, the most of ${formatInteger(to - from)} codes here`
              : ` of ${formatInteger(to - from)} codes here`)}
        </span>
      </p>
    </>
  )
}
