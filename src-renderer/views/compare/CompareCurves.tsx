import { useMemo, useState } from 'react'
import type { MetricSeries, RunDetail } from '../../../src-shared/contract/runs.ts'
import { useParam } from '../../address.ts'
import { LineSwatch } from '../../charts/CurveChart.tsx'
import { CurveControls } from '../../charts/CurveControls.tsx'
import { createCrosshair } from '../../charts/crosshair.ts'
import { useCurveSettings } from '../../charts/use-curve-settings.ts'
import { useMetrics } from '../../charts/use-metrics.ts'
import { runColour } from '../../colours.ts'
import { Checkbox } from '../../components/checkbox.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx'
import { useScheme } from '../../theme.ts'
import { chartGroups } from '../run/chart-groups.ts'
import { armsOf } from './arms.ts'
import { CompareChart, type RunLook } from './CompareChart.tsx'

const NO_SERIES: MetricSeries[] = []
/** Metric names that one request may ask for. */
const MOST_NAMES = 64

/** The curves of all chosen runs over each other, each run in its own colour, or each arm as mean ± std. */
export function CompareCurves({ runs }: { runs: readonly RunDetail[] }) {
  const settings = useCurveSettings()
  const [crosshair] = useState(createCrosshair)
  const [by, setBy] = useParam('curves', 'runs')
  const scheme = useScheme()
  const looksKey = JSON.stringify(
    runs.map(({ id, name, colour, ablationId, armLabel }): RunLook => ({ id, name, colour, ablationId, armLabel })),
  )
  const looks = useMemo<RunLook[]>(() => JSON.parse(looksKey), [looksKey])
  const arms = useMemo(() => armsOf(looks), [looks])
  const asArms = by === 'arms' && arms !== null
  const ids = useMemo(() => looks.map((run) => run.id), [looks])
  const names = useMemo(() => [...new Set(runs.flatMap((run) => run.metricNames))].sort().slice(0, MOST_NAMES), [runs])
  const key = names.join()
  // One chart a metric: with several runs in it there is no room for several layers.
  const groups = useMemo(
    () =>
      chartGroups(key === '' ? [] : key.split(',')).map((group) => ({
        ...group,
        charts: group.charts.flatMap((chart) =>
          chart.members.map((member) => ({
            metric: member.name,
            title: chart.members.length > 1 ? `${chart.title}, ${member.label}` : chart.title,
            unit: chart.unit,
          })),
        ),
      })),
    [key],
  )
  const stableNames = useMemo(() => (key === '' ? [] : key.split(',')), [key])
  const query = useMetrics(ids, stableNames, 500, settings.axis === 'step' ? settings.range : null)
  const series = query.data ?? NO_SERIES
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  if (groups.length === 0)
    return <EmptyState title="No curves yet">None of these runs has recorded a value so far.</EmptyState>
  if (query.isPending) return <Skeleton lines={8} />
  return (
    <div className="flex flex-col gap-4">
      <CurveControls settings={settings}>
        {arms && (
          <Checkbox checked={asArms} onChange={(on) => setBy(on ? 'arms' : 'runs')}>
            Arms as mean ± std over seeds
          </Checkbox>
        )}
      </CurveControls>
      {asArms && (
        <ul className="flex flex-wrap gap-x-5 gap-y-1 text-xs">
          {arms.map((arm) => (
            <li key={arm.label} className="flex items-center gap-1.5">
              <LineSwatch colour={runColour(arm.runs[0]?.colour ?? 0, scheme)} dash={[]} />
              {arm.label} <span className="text-faint">n = {arm.runs.length}</span>
            </li>
          ))}
        </ul>
      )}
      {groups.map((group) => (
        <section key={group.group} aria-label={group.title}>
          <h2 className="mb-2 text-xs font-semibold tracking-wide text-muted">{group.title}</h2>
          <div className="grid grid-cols-[repeat(auto-fill,minmax(340px,1fr))] gap-3">
            {group.charts.map((chart) => (
              <CompareChart
                key={chart.metric}
                {...chart}
                series={series}
                runs={looks}
                arms={asArms ? arms : null}
                settings={settings}
                crosshair={crosshair}
              />
            ))}
          </div>
        </section>
      ))}
    </div>
  )
}
