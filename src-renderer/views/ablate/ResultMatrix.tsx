import type { AblationDetail, Cell as ResultCell } from '../../../src-shared/contract/ablations.ts'
import type { RunSummary } from '../../../src-shared/contract/runs.ts'
import { metricDefinition } from '../../../src-shared/metrics.ts'
import { Badge } from '../../components/badge.tsx'
import { cn } from '../../components/class-names.ts'
import { MetricLabel } from '../../components/metric-label.tsx'
import { Progress } from '../../components/progress.tsx'
import { HeadCell, Table, TableHead } from '../../components/table.tsx'
import { formatFixed, formatMetric, formatPercent, formatSigned, metricDecimals } from '../../format.ts'
import { DifferenceBar } from './DifferenceBar.tsx'
import { barScale } from './difference-scale.ts'

type Arm = AblationDetail['arms'][number]

/** Short column heads; the whole name and the definition are one hover away. */
function shortLabel(metric: string): string {
  const layer = /^(.*)\.(\d+)$/.exec(metric)
  const base = { 'usage.codes': 'Codes', 'perplexity.set': 'Code ppl.' }[layer?.[1] ?? '']
  if (base) return `${base} L${layer?.[2]}`
  return (
    {
      'heldout.mse': 'MSE',
      'heldout.psnr': 'PSNR',
      'language.perplexity': 'Text ppl.',
      'drift.cosine': 'Drift cos',
      'drift.used.cosine': 'Used cos',
      'drift.distance': 'Drift dist',
    }[metric] ??
    metricDefinition(metric)?.label ??
    metric
  )
}

/** Arms × metrics: mean ± std, difference from the baseline with its interval, best in bold, progress while training. */
export function ResultMatrix({
  ablation,
  selected,
  onSelect,
}: {
  ablation: AblationDetail
  selected: { arm: string; metric: string } | null
  onSelect: (arm: string, metric: string) => void
}) {
  const runs = new Map(ablation.runs.map((run) => [run.id, run]))
  const scales = new Map(ablation.metrics.map((metric) => [metric, barScale(ablation.arms, metric)]))
  return (
    <div className="overflow-x-auto">
      <Table aria-label="Results" className="w-auto min-w-full">
        <TableHead>
          <tr>
            <HeadCell className="sticky left-0 z-20 min-w-38 pl-3">Arm</HeadCell>
            {ablation.metrics.map((metric) => {
              const better = metricDefinition(metric)?.better
              return (
                <HeadCell key={metric} className="px-2">
                  <MetricLabel name={metric} short={shortLabel(metric)} />
                  {better === 'lower' && <span title="lower is better"> ↓</span>}
                  {better === 'higher' && <span title="higher is better"> ↑</span>}
                </HeadCell>
              )
            })}
          </tr>
        </TableHead>
        <tbody>
          {ablation.arms
            .map((arm) => ({ arm, own: arm.runIds.flatMap((id) => runs.get(id) ?? []) }))
            .map(({ arm, own }) => (
              <tr key={arm.label}>
                <ArmHead arm={arm} runs={own} />
                {ablation.metrics.map((metric) => (
                  <td key={metric} className="h-18 border-b border-line p-0 align-top">
                    <ResultButton
                      label={`${arm.label}, ${metricDefinition(metric)?.label ?? metric}`}
                      metric={metric}
                      cell={arm.cells[metric]}
                      isBaseline={arm.isBaseline}
                      scale={scales.get(metric) ?? 0}
                      seeds={arm.runIds.length}
                      progress={progressOf(own)}
                      selected={selected?.arm === arm.label && selected.metric === metric}
                      onClick={() => onSelect(arm.label, metric)}
                    />
                  </td>
                ))}
              </tr>
            ))}
        </tbody>
      </Table>
    </div>
  )
}

/** Share of an arm's steps that are done; null once nothing of it is to come. */
function progressOf(runs: readonly RunSummary[]): number | null {
  if (!runs.some(({ state }) => state === 'running' || state === 'queued' || state === 'paused')) return null
  const steps = runs.reduce((sum, run) => sum + run.steps, 0)
  return steps > 0 ? runs.reduce((sum, run) => sum + run.step, 0) / steps : 0
}

function ArmHead({ arm, runs }: { arm: Arm; runs: RunSummary[] }) {
  const count = (state: RunSummary['state']) => runs.filter((run) => run.state === state).length
  const done = count('finished')
  const other = (['running', 'queued', 'paused', 'stopped', 'failed', 'interrupted'] as const).flatMap((state) =>
    count(state) > 0 ? [`${count(state)} ${state}`] : [],
  )
  const progress = progressOf(runs)
  return (
    <th
      scope="row"
      className="sticky left-0 z-10 border-r border-b border-line bg-surface py-2 pr-3 pl-3 text-left align-top font-normal"
    >
      <div className="flex items-center gap-2">
        <span className="text-sm font-semibold whitespace-nowrap">{arm.label}</span>
        {arm.isBaseline && <Badge>baseline</Badge>}
      </div>
      <div className="text-xs whitespace-nowrap text-faint">
        {done === runs.length ? `n = ${done}` : `${done} of ${runs.length} finished`}
        {progress !== null && `, ${formatPercent(Math.floor(progress * 100) / 100)}`}
      </div>
      <div className="text-xs whitespace-nowrap text-faint">{other.join(', ')}</div>
    </th>
  )
}

function ResultButton({
  label,
  metric,
  cell,
  isBaseline,
  scale,
  seeds,
  progress,
  selected,
  onClick,
}: {
  label: string
  metric: string
  cell: ResultCell | undefined
  isBaseline: boolean
  scale: number
  seeds: number
  /** Of the arm's runs; null once nothing is to come. */
  progress: number | null
  selected: boolean
  onClick: () => void
}) {
  const decimals = metricDecimals(metric)
  const text = cell && cell.mean !== null ? formatMetric(metric, cell.mean) : null
  const difference = cell?.difference ?? null
  return (
    <button
      type="button"
      aria-label={`${label}: ${text ?? 'no value yet'}${cell?.best ? ', best' : ''}`}
      aria-pressed={selected}
      title={difference ? `${formatSigned(difference.mean, Math.max(decimals, 1))} from the baseline` : undefined}
      onClick={onClick}
      className={cn(
        'relative flex h-full min-h-18 w-full min-w-[98px] flex-col items-start gap-px px-2 py-2 text-left focus-visible:outline-offset-[-2px]',
        selected ? 'bg-accent-soft' : isBaseline ? 'bg-sunken/60 hover:bg-hover' : 'hover:bg-hover',
      )}
    >
      {text === null || !cell ? (
        <span className="text-sm text-faint">–</span>
      ) : (
        <>
          <span
            className={cn(
              'font-mono text-sm whitespace-nowrap',
              cell.best && 'font-semibold',
              progress === null ? 'text-text' : 'text-muted',
            )}
          >
            {text}
            {cell.best && (
              <span className="ml-1.5 font-sans text-2xs font-semibold text-accent">
                {progress === null ? 'best' : 'leads'}
              </span>
            )}
          </span>
          <span className="font-mono text-xs leading-4 whitespace-nowrap text-faint">
            {cell.std !== null && (
              <span className="mr-1.5">± {formatFixed(cell.std, decimals === 0 ? 1 : decimals)}</span>
            )}
            {cell.n < seeds && <span className="font-sans">n = {cell.n}</span>}
          </span>
          {difference && scale > 0 && <DifferenceBar difference={difference} scale={scale} />}
        </>
      )}
      {progress !== null && (
        <Progress
          value={progress}
          max={1}
          label={`Progress of ${label}`}
          className="absolute right-2 bottom-1 left-2 h-[3px]"
        />
      )}
    </button>
  )
}
