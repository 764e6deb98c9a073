import { useMemo } from 'react'
import type { MetricSeries } from '../../../src-shared/contract/runs.ts'
import { CurveChart } from '../../charts/CurveChart.tsx'
import type { ChartLine, ChartMark } from '../../charts/chart-layout.ts'
import type { Crosshair } from '../../charts/crosshair.ts'
import { lineOfArm, lineOfSeries } from '../../charts/metric-lines.ts'
import type { CurveSettings } from '../../charts/use-curve-settings.ts'
import { useStableList } from '../../charts/use-stable-list.ts'
import { runColour, runDash } from '../../colours.ts'
import { useScheme } from '../../theme.ts'
import type { Arm } from './arms.ts'

/** What of a run its curve needs; unlike the run it does not change while the run trains. */
export interface RunLook {
  id: string
  name: string
  colour: number
  ablationId: string | null
  armLabel: string | null
}

const NO_MARKS: ChartMark[] = []

/** One metric of several runs: a line a run, or a mean ± std a arm. */
export function CompareChart({
  metric,
  title,
  unit,
  series,
  runs,
  arms,
  settings,
  crosshair,
}: {
  metric: string
  title: string
  unit: string
  /** All series of the view. */
  series: readonly MetricSeries[]
  runs: readonly RunLook[]
  /** null: a line a run. */
  arms: readonly Arm<RunLook>[] | null
  settings: CurveSettings
  crosshair: Crosshair
}) {
  const scheme = useScheme()
  const { axis, smoothing, isLog, toggleLog, setAxis, range, setRange } = settings
  const own = useStableList(series.filter((one) => one.name === metric))
  const lines = useMemo<ChartLine[]>(() => {
    const of = (run: RunLook) => own.find((one) => one.runId === run.id)
    if (arms === null)
      return runs.flatMap((run) => {
        const one = of(run)
        const look = { label: run.name, colour: runColour(run.colour, scheme), dash: runDash(run.colour) }
        return one ? [lineOfSeries(one, look, axis, smoothing)] : []
      })
    return arms.flatMap((arm) => {
      const seeds = arm.runs.flatMap((run) => of(run) ?? [])
      const look = { label: arm.label, colour: runColour(arm.runs[0]?.colour ?? 0, scheme), dash: [] }
      return seeds.length > 0 ? [lineOfArm(seeds, look, axis, smoothing)] : []
    })
  }, [own, runs, arms, axis, smoothing, scheme])
  const log = isLog(metric)
  const menu = useMemo(
    () => [
      { label: 'Log axis', checked: log, onSelect: () => toggleLog(metric) },
      { label: 'Time axis', checked: axis === 'time', onSelect: () => setAxis(axis === 'time' ? 'step' : 'time') },
    ],
    [log, axis, metric, toggleLog, setAxis],
  )
  return (
    <CurveChart
      metric={metric}
      title={title}
      unit={unit}
      lines={lines}
      marks={NO_MARKS}
      axis={axis}
      log={log}
      range={range}
      onRange={setRange}
      crosshair={crosshair}
      height={188}
      subject="comparison"
      menu={menu}
      named={false}
    />
  )
}
