import { ArrowLeft, ChartSpline } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { MetricSeries, RunDetail } from '../../../src-shared/contract/runs.ts'
import { CurveChart } from '../../charts/CurveChart.tsx'
import { CurveControls } from '../../charts/CurveControls.tsx'
import type { ChartLine, ChartMark } from '../../charts/chart-layout.ts'
import { type Crosshair, createCrosshair } from '../../charts/crosshair.ts'
import { layerLook } from '../../charts/layer-look.ts'
import { lineOfSeries } from '../../charts/metric-lines.ts'
import { valueAt } from '../../charts/series.ts'
import { type CurveSettings, useCurveSettings } from '../../charts/use-curve-settings.ts'
import { useMetrics } from '../../charts/use-metrics.ts'
import { useStableList } from '../../charts/use-stable-list.ts'
import { Button } from '../../components/button.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx'
import { useRunColour } from '../../theme.ts'
import { type ChartOfMetrics, chartGroups } from './chart-groups.ts'
import { discriminatorMarks } from './discriminator-marks.ts'

const NO_SERIES: MetricSeries[] = []
/** A chart a third of the view wide cannot show more. */
const POINTS = 500
/** A chart as wide as the view, drawn by uPlot. */
const LARGE_POINTS = 4000

/** All curves of a run by group, or one of them large. */
export function CurvesSection({ run }: { run: RunDetail }) {
  const settings = useCurveSettings()
  const [crosshair] = useState(createCrosshair)
  const groups = useMemo(() => chartGroups(run.metricNames), [run.metricNames])
  const large = groups.flatMap((group) => group.charts).find((chart) => chart.metric === settings.large)

  if (groups.length === 0)
    return (
      <EmptyState icon={<ChartSpline />} title="No numbers yet">
        {run.state === 'queued'
          ? `The run waits in the queue${run.queuePosition ? ` at place ${run.queuePosition}` : ''}. Its curves start with its first step.`
          : run.state === 'running'
            ? `The language model trains ${run.config.language.stepsBefore} steps before the first tokenizer step; the curves start with the first recorded values.`
            : `The run is ${run.state} and recorded no values. The log says what happened.`}
      </EmptyState>
    )
  return (
    <div className="flex flex-col gap-5">
      <CurveControls settings={settings}>
        {large && (
          <Button size="small" variant="ghost" onClick={() => settings.setLarge('')}>
            <ArrowLeft aria-hidden /> All charts
          </Button>
        )}
        <span className="ml-auto hidden text-xs text-faint xl:inline">
          Drag to zoom, double-click to reset. Ticks on the axis: syncs, and where the discriminator begins and ends;
          triangles: alarms.
        </span>
      </CurveControls>
      {large ? (
        <Charts
          run={run}
          charts={[large]}
          settings={settings}
          crosshair={crosshair}
          height={440}
          points={LARGE_POINTS}
        />
      ) : (
        groups.map((group) => (
          <section key={group.group} aria-label={group.title}>
            <h2 className="mb-2 text-xs font-semibold tracking-wide text-muted">{group.title}</h2>
            <Charts
              run={run}
              charts={group.charts}
              settings={settings}
              crosshair={crosshair}
              height={152}
              points={POINTS}
            />
          </section>
        ))
      )}
    </div>
  )
}

function Charts({
  run,
  charts,
  settings,
  crosshair,
  height,
  points,
}: {
  run: RunDetail
  charts: readonly ChartOfMetrics[]
  settings: CurveSettings
  crosshair: Crosshair
  height: number
  points: number
}) {
  const names = useMemo(() => charts.flatMap((chart) => chart.members.map((member) => member.name)), [charts])
  const ids = useMemo(() => [run.id], [run.id])
  // A zoomed step axis is fetched anew, so that it shows every point where there are few enough.
  const query = useMetrics(ids, names, points, settings.axis === 'step' ? settings.range : null)
  const series = query.data ?? NO_SERIES
  const marks = useMarks(run, series, settings.axis)

  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  if (query.isPending) return <Skeleton lines={4} />
  return (
    <div
      className="grid gap-3"
      style={{
        gridTemplateColumns: charts.length === 1 && height > 200 ? '1fr' : 'repeat(auto-fill, minmax(320px, 1fr))',
      }}
    >
      {charts.map((chart) => (
        <OneChart
          key={chart.metric}
          run={run}
          chart={chart}
          series={series}
          marks={marks}
          settings={settings}
          crosshair={crosshair}
          height={height}
        />
      ))}
    </div>
  )
}

function OneChart({
  run,
  chart,
  series,
  marks,
  settings,
  crosshair,
  height,
}: {
  run: RunDetail
  chart: ChartOfMetrics
  series: readonly MetricSeries[]
  marks: readonly ChartMark[]
  settings: CurveSettings
  crosshair: Crosshair
  height: number
}) {
  const colour = useRunColour()(run.colour)
  const { axis, smoothing } = settings
  const own = useStableList(chart.members.map((member) => series.find((one) => one.name === member.name)))
  const lines = useMemo<ChartLine[]>(
    () =>
      chart.members.flatMap((member, index) => {
        const one = own[index]
        return one
          ? [
              lineOfSeries(
                one,
                { label: member.label, ...layerLook(colour, index, chart.members.length) },
                axis,
                smoothing,
              ),
            ]
          : []
      }),
    [chart, own, colour, axis, smoothing],
  )
  const { isLog, toggleLog, setAxis, large, setLarge, range, setRange } = settings
  const log = isLog(chart.metric)
  const menu = useMemo(
    () => [
      { label: 'Log axis', checked: log, onSelect: () => toggleLog(chart.metric) },
      { label: 'Time axis', checked: axis === 'time', onSelect: () => setAxis(axis === 'time' ? 'step' : 'time') },
      large
        ? { label: 'Show all charts', onSelect: () => setLarge('') }
        : { label: 'Show large', onSelect: () => setLarge(chart.metric) },
    ],
    [log, axis, large, chart.metric, toggleLog, setAxis, setLarge],
  )
  return (
    <CurveChart
      metric={chart.metric}
      title={chart.title}
      unit={chart.unit}
      lines={lines}
      marks={marks}
      axis={axis}
      log={log}
      range={range}
      onRange={setRange}
      crosshair={crosshair}
      height={height}
      subject={run.name}
      menu={menu}
      named
    />
  )
}

/** Syncs and alarms as marks; on a time axis they stand where the run's curves reached their step. */
function useMarks(run: RunDetail, series: readonly MetricSeries[], axis: 'step' | 'time'): ChartMark[] {
  const clock =
    axis === 'step'
      ? null
      : series.reduce<MetricSeries | null>(
          (longest, one) => (longest === null || one.step.length > longest.step.length ? one : longest),
          null,
        )
  return useMemo(() => {
    const place = (step: number): number | null =>
      axis === 'step' ? step : clock ? valueAt({ x: clock.step, y: clock.seconds }, step) : null
    const marks: ChartMark[] = []
    for (const sync of run.syncs) {
      const x = place(sync.step)
      if (x !== null)
        marks.push({
          x,
          kind: 'sync',
          label: `Sync at step ${sync.step}: cosine ${sync.before.cosine.toFixed(3)} → ${sync.after.cosine.toFixed(3)}`,
        })
    }
    for (const { step, label } of discriminatorMarks(run)) {
      const x = place(step)
      if (x !== null) marks.push({ x, kind: 'sync', label })
    }
    for (const alarm of run.alarmList) {
      const x = place(alarm.step)
      if (x !== null) marks.push({ x, kind: 'alarm', label: `Alarm at step ${alarm.step}: ${alarm.message}` })
    }
    return marks
  }, [run, clock, axis])
}
