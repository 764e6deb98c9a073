import { type ReactNode, useMemo, useState } from 'react'
import type { MetricSeries, RunDetail } from '../../../../src-shared/contract/runs.ts'
import { metricDefinition } from '../../../../src-shared/metrics.ts'
import { histogram } from '../../../charts/binning.ts'
import { CurveChart } from '../../../charts/CurveChart.tsx'
import type { ChartMark } from '../../../charts/chart-layout.ts'
import { type Crosshair, createCrosshair } from '../../../charts/crosshair.ts'
import { HistogramChart } from '../../../charts/HistogramChart.tsx'
import { lineOfSeries } from '../../../charts/metric-lines.ts'
import { ScatterChart } from '../../../charts/ScatterChart.tsx'
import { type CurveSettings, useCurveSettings } from '../../../charts/use-curve-settings.ts'
import { useMetrics } from '../../../charts/use-metrics.ts'
import { useStableList } from '../../../charts/use-stable-list.ts'
import { useInspector } from '../../../components/inspector.tsx'
import { Panel } from '../../../components/panel.tsx'
import { EmptyState } from '../../../components/states.tsx'
import { formatInteger } from '../../../format.ts'
import type { CodeNames } from '../../../pictures/code-names.ts'
import { type Sample, totalUsage } from '../../../pictures/sample.ts'
import { useRunColour } from '../../../theme.ts'
import { CodeCard } from '../CodeCard.tsx'
import { useCode } from '../codebook/code-choice.ts'
import { type DriftSummary, driftStatement, driftSummary } from './drift-statement.ts'

const NAMES = ['drift.cosine', 'drift.used.cosine', 'drift.distance']
const NO_SERIES: MetricSeries[] = []
const BINS = 48

/** How far the visual codes are from their LLM rows: over time, and code by code at one step. */
export function DriftDistances({
  run,
  sample,
  names,
  choice,
}: {
  run: RunDetail
  sample: Sample
  names: CodeNames
  choice: ReactNode
}) {
  const colour = useRunColour()(run.colour)
  const usage = useMemo(() => totalUsage(sample), [sample])
  const summary = useMemo(() => driftSummary(sample.cosine, sample.distance, usage), [sample, usage])
  const [code, setCode] = useCode(sample, names)
  useInspector(
    useMemo(
      () => (sample.cosine.length > 0 ? <CodeCard sample={sample} names={names} code={code} layer={null} /> : null),
      [sample, names, code],
    ),
  )
  const histograms = useMemo(() => histogramsOf(sample, usage), [sample, usage])

  if (sample.cosine.length === 0)
    return (
      <EmptyState title="No drift to show">
        The codebook of this run is independent: its codes have no LLM rows to drift from.
      </EmptyState>
    )
  const series = { all: `all ${formatInteger(summary.codes)} codes`, some: `${formatInteger(summary.used)} used` }
  return (
    <div className="flex flex-col gap-3">
      <div>{choice}</div>
      <Statement summary={summary} step={sample.step} />
      <DriftOverTime run={run} colour={colour} />
      <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
        <Panel
          title="Cosine of each code to its LLM row"
          hint={`step ${formatInteger(sample.step)}, share of codes`}
          flush
        >
          <HistogramChart
            {...histograms.cosine}
            colour={colour}
            height={164}
            label="Histogram of the cosine of visual codes to their LLM rows"
            names={series}
            zero
          />
        </Panel>
        <Panel
          title="Relative distance |c − l| / |l|"
          hint={`step ${formatInteger(sample.step)}, share of codes`}
          flush
        >
          <HistogramChart
            {...histograms.distance}
            colour={colour}
            height={164}
            label="Histogram of the relative distance of visual codes to their LLM rows"
            names={series}
            zero={false}
          />
        </Panel>
      </div>
      <Panel
        title="Cosine and usage, code by code"
        hint="hits over all layers, log axis; point at a code to inspect it"
        flush
      >
        <ScatterChart
          x={sample.cosine}
          domain={histograms.domain}
          hits={usage}
          colour={colour}
          height={260}
          label="Scatter of cosine to the LLM row against hits, one point a code"
          selected={code}
          onCode={setCode}
        />
      </Panel>
    </div>
  )
}

function Statement({ summary, step }: { summary: DriftSummary; step: number }) {
  const number = (value: number | null) => (value === null ? '–' : value.toFixed(3))
  return (
    <div className="flex items-center justify-between gap-8 rounded-lg border border-line bg-surface px-4 py-2.5">
      <p className="max-w-xl text-base" aria-live="polite">
        {driftStatement(summary)} <span className="text-faint">Step {formatInteger(step)}.</span>
      </p>
      <table className="shrink-0 text-right text-sm">
        <thead className="text-xs text-muted">
          <tr>
            <td />
            <th scope="col" className="pl-6 font-normal">
              used codes
            </th>
            <th scope="col" className="pl-6 font-normal">
              all codes
            </th>
          </tr>
        </thead>
        <tbody className="font-mono">
          <tr>
            <th scope="row" className="text-left font-sans font-normal text-muted">
              mean cosine
            </th>
            <td>{number(summary.usedCosine)}</td>
            <td>{number(summary.cosine)}</td>
          </tr>
          <tr>
            <th scope="row" className="text-left font-sans font-normal text-muted">
              mean distance
            </th>
            <td>{number(summary.usedDistance)}</td>
            <td>{number(summary.distance)}</td>
          </tr>
        </tbody>
      </table>
    </div>
  )
}

function histogramsOf(sample: Sample, usage: Int32Array) {
  const used = (code: number) => (usage[code] as number) > 0
  const negative = sample.cosine.some((value) => value < 0)
  const domain: [number, number] = negative ? [-1, 1] : [0, 1]
  let farthest = 0
  for (const value of sample.distance) if (Number.isFinite(value)) farthest = Math.max(farthest, value)
  const distances: [number, number] = [0, farthest > 0 ? farthest : 1]
  return {
    domain,
    cosine: { all: histogram(sample.cosine, BINS, domain), some: histogram(sample.cosine, BINS, domain, used) },
    distance: {
      all: histogram(sample.distance, BINS, distances),
      some: histogram(sample.distance, BINS, distances, used),
    },
  }
}

function DriftOverTime({ run, colour }: { run: RunDetail; colour: string }) {
  const settings = useCurveSettings()
  const [crosshair] = useState(createCrosshair)
  const ids = useMemo(() => [run.id], [run.id])
  const series = useMetrics(ids, NAMES, 500, settings.range).data ?? NO_SERIES
  return (
    <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
      <DriftChart
        run={run}
        title="Cosine over time"
        names={['drift.cosine', 'drift.used.cosine']}
        change="cosine"
        {...{ series, settings, crosshair, colour }}
      />
      <DriftChart
        run={run}
        title="Distance over time"
        names={['drift.distance']}
        change="distance"
        {...{ series, settings, crosshair, colour }}
      />
    </div>
  )
}

const NO_MENU: never[] = []

/** One drift metric with each sync drawn as a stroke from its value before to its value after. */
function DriftChart({
  run,
  title,
  names,
  change,
  series,
  settings,
  crosshair,
  colour,
}: {
  run: RunDetail
  title: string
  names: readonly string[]
  change: 'cosine' | 'distance'
  series: readonly MetricSeries[]
  settings: CurveSettings
  crosshair: Crosshair
  colour: string
}) {
  const marks = useMemo<ChartMark[]>(
    () =>
      run.syncs.map(({ step, before, after }) => ({
        x: step,
        kind: 'sync',
        label: `Sync at step ${step}: ${before[change].toFixed(3)} before, ${after[change].toFixed(3)} after`,
        change: { before: before[change], after: after[change] },
      })),
    [run.syncs, change],
  )
  const own = useStableList(series.filter((one) => names.includes(one.name)))
  const lines = useMemo(
    () =>
      own.map((one) => {
        const used = one.name.includes('used')
        const label = used ? 'used codes' : 'all codes'
        return lineOfSeries(one, { label, colour, dash: used ? [5, 3] : [] }, 'step', 0)
      }),
    [own, colour],
  )
  const metric = names[0] as string
  return (
    <CurveChart
      metric={metric}
      title={title}
      unit={metricDefinition(metric)?.unit ?? ''}
      lines={lines}
      marks={marks}
      axis="step"
      log={false}
      range={settings.range}
      onRange={settings.setRange}
      crosshair={crosshair}
      height={168}
      subject={run.name}
      menu={NO_MENU}
      named
    />
  )
}
