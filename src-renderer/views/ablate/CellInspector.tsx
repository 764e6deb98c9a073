import { Columns2 } from 'lucide-react'
import { Link } from 'wouter'
import type { AblationDetail } from '../../../src-shared/contract/ablations.ts'
import { metricDefinition } from '../../../src-shared/metrics.ts'
import { RunSwatch, StateBadge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { InspectorSection } from '../../components/inspector.tsx'
import { Fact, Facts } from '../../components/panel.tsx'
import { formatFixed, formatMetric, formatSigned, formatValue, metricDecimals } from '../../format.ts'
import { useRunColour } from '../../theme.ts'

/** One cell of the matrix: its numbers, the runs behind them, and what the metric means. */
export function CellInspector({
  ablation,
  arm,
  metric,
}: {
  ablation: AblationDetail
  arm: AblationDetail['arms'][number]
  metric: string
}) {
  const colour = useRunColour()
  const definition = metricDefinition(metric)
  const cell = arm.cells[metric]
  const decimals = Math.max(1, metricDecimals(metric))
  const values = new Map(cell?.values.map(({ runId, value }) => [runId, value]))
  const baseline = ablation.arms.find(({ isBaseline }) => isBaseline)
  return (
    <>
      <section className="border-b border-line px-4 py-3">
        <h2 className="pr-7 text-base font-semibold">{definition?.label ?? metric}</h2>
        <p className="text-sm text-muted">
          {arm.label}
          {arm.isBaseline && ', the baseline'}
        </p>
        <p className="mt-2 font-mono text-xl">
          {formatMetric(metric, cell?.mean)}
          {cell?.std != null && <span className="text-sm text-muted"> ± {formatFixed(cell.std, decimals)}</span>}
        </p>
        <p className="text-xs text-faint">
          mean ± sample standard deviation over n = {cell?.n ?? 0} {cell?.n === 1 ? 'seed' : 'seeds'} [
          {definition?.unit}]
        </p>
      </section>
      <InspectorSection title="Runs">
        <ul className="flex flex-col">
          {ablation.runs
            .filter((run) => arm.runIds.includes(run.id))
            .map((run) => (
              <li key={run.id}>
                <Link
                  href={`/runs/${run.id}`}
                  className="-mx-2 flex h-8 items-center gap-2 rounded-md px-2 text-sm hover:bg-hover"
                >
                  <RunSwatch colour={colour(run.colour)} />
                  <span className="flex-1">seed {run.seed}</span>
                  <StateBadge
                    state={run.state}
                    queuePosition={run.queuePosition}
                    reason={run.reason}
                    compact={run.state === 'finished'}
                  />
                  <span className="w-16 text-right font-mono">{formatMetric(metric, values.get(run.id))}</span>
                </Link>
              </li>
            ))}
        </ul>
        <div className="mt-2 flex flex-col gap-1.5">
          <Button asChild size="small">
            <Link href={`/compare?runs=${arm.runIds.join(',')}`}>
              <Columns2 aria-hidden /> Compare the seeds
            </Link>
          </Button>
          {baseline && !arm.isBaseline && (
            <Button asChild size="small">
              <Link href={`/compare?runs=${[...baseline.runIds, ...arm.runIds].join(',')}`}>
                <Columns2 aria-hidden /> Compare with the baseline
              </Link>
            </Button>
          )}
        </div>
      </InspectorSection>
      {cell?.difference && (
        <InspectorSection title="Difference from the baseline">
          <Facts>
            <Fact name="Mean" mono>
              {formatSigned(cell.difference.mean, decimals)}
            </Fact>
            {cell.difference.low !== null && cell.difference.high !== null && (
              <Fact name="95 % interval" mono>
                {formatSigned(cell.difference.low, decimals)} … {formatSigned(cell.difference.high, decimals)}
              </Fact>
            )}
          </Facts>
          <p className="mt-1.5 text-xs text-faint">
            Welch’s t interval for two means with unequal variances.
            {cell.difference.low !== null && cell.difference.high !== null
              ? cell.difference.low <= 0 && cell.difference.high >= 0
                ? ' It holds zero: with these seeds the two cannot be told apart.'
                : ' It does not hold zero.'
              : ' It needs two seeds in both arms.'}
          </p>
        </InspectorSection>
      )}
      <InspectorSection title="Settings of the arm">
        <Facts>
          {Object.entries(arm.settings).map(([path, value]) => (
            <Fact key={path} name={<code className="font-mono text-xs">{path}</code>} mono>
              {formatValue(value)}
            </Fact>
          ))}
        </Facts>
      </InspectorSection>
      {definition && (
        <InspectorSection title="Definition">
          <p className="text-sm text-muted">{definition.definition}</p>
        </InspectorSection>
      )}
    </>
  )
}
