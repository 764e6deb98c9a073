import { memo, useMemo, useState } from 'react'
import type { CodeHistory } from '../../../../src-shared/contract/code-records.ts'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import { metricDefinition } from '../../../../src-shared/metrics.ts'
import { CurveChart } from '../../../charts/CurveChart.tsx'
import type { ChartLine, ChartMark, Range } from '../../../charts/chart-layout.ts'
import { createCrosshair } from '../../../charts/crosshair.ts'
import { layerLook } from '../../../charts/layer-look.ts'
import { useRunColour } from '../../../theme.ts'

type Curve = { metric: string; title: string; lines: { label: string; y: readonly (number | null)[] }[] }

/** How one code went: usage by layer, norm, and what binds it to its LLM row, with its restarts marked. */
export const CodeCurves = memo(function CodeCurves({
  run,
  life,
  number,
}: {
  run: RunDetail
  life: CodeHistory
  /** What the code is known by. */
  number: number
}) {
  const colour = useRunColour()(run.colour)
  const [crosshair] = useState(createCrosshair)
  const [range, setRange] = useState<Range | null>(null)
  const [logs, setLogs] = useState<readonly string[]>([])
  const curves = useMemo(() => curvesOf(life), [life])
  const marks = useMemo(() => marksOf(run, life), [run, life])
  const toggle = (metric: string) =>
    setLogs((old) => (old.includes(metric) ? old.filter((one) => one !== metric) : [...old, metric]))
  return (
    <div className="grid gap-3" style={{ gridTemplateColumns: 'repeat(auto-fill, minmax(300px, 1fr))' }}>
      {curves.map((curve) => (
        <CurveChart
          key={curve.metric}
          metric={curve.metric}
          title={curve.title}
          unit={metricDefinition(curve.metric)?.unit ?? ''}
          lines={linesOf(curve, life.steps, colour)}
          marks={marks}
          axis="step"
          log={logs.includes(curve.metric)}
          range={range}
          onRange={setRange}
          crosshair={crosshair}
          height={140}
          subject={`${run.name} code ${number}`}
          menu={[
            {
              label: 'Log axis',
              checked: logs.includes(curve.metric),
              onSelect: () => toggle(curve.metric),
            },
          ]}
          named
        />
      ))}
    </div>
  )
})

const recorded = (values: readonly (number | null)[]) => values.some((value) => value !== null)

function curvesOf(life: CodeHistory): Curve[] {
  const ofLayers = (key: 'window' | 'heldOut') =>
    life.layers.map((layer, index) => ({ label: `layer ${index}`, y: layer[key] }))
  const curves: Curve[] = [
    { metric: 'code.window', title: 'Training hits', lines: ofLayers('window') },
    { metric: 'code.heldOut', title: 'Held-out hits', lines: ofLayers('heldOut') },
    { metric: 'code.cosine', title: 'Cosine to its LLM row', lines: [{ label: 'cosine', y: life.cosine }] },
    { metric: 'code.distance', title: 'Distance to its LLM row', lines: [{ label: 'distance', y: life.distance }] },
    { metric: 'code.rank', title: 'Rank of its LLM row', lines: [{ label: 'rank', y: life.rank }] },
    { metric: 'code.norm', title: 'Norm', lines: [{ label: 'norm', y: life.norm }] },
  ]
  return curves.filter(({ lines }) => lines.some(({ y }) => recorded(y)))
}

const linesOf = (curve: Curve, steps: readonly number[], colour: string): ChartLine[] =>
  curve.lines.map(({ label, y }, index) => ({
    key: `${curve.metric} ${index}`,
    label,
    ...layerLook(colour, index, curve.lines.length),
    x: steps,
    y,
    raw: null,
    band: null,
  }))

function marksOf(run: RunDetail, life: CodeHistory): ChartMark[] {
  const [first = 0, last = 0] = [life.steps[0], life.steps.at(-1)]
  const within = (step: number) => step >= first && step <= last
  return [
    ...run.syncs
      .filter(({ step }) => within(step))
      .map(({ step }) => ({ x: step, kind: 'sync' as const, label: `Sync at step ${step}` })),
    ...life.restartSteps.map((step) => ({ x: step, kind: 'restart' as const, label: `Restarted at step ${step}` })),
  ]
}
