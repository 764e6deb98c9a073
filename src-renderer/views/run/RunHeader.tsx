import { Copy, Download, Pause, Play, ShieldOff, Square } from 'lucide-react'
import type { RunDetail } from '../../../src-shared/contract/runs.ts'
import { toCsv } from '../../../src-shared/csv.ts'
import { useCloneRun, usePauseRuns, useResumeRuns, useStopRuns, useSwitchOffDiscriminator } from '../../api/actions.ts'
import { api } from '../../api/client.ts'
import { fileName, saveFile, saveText } from '../../charts/save-picture.ts'
import { RunSwatch, StateBadge } from '../../components/badge.tsx'
import { Button, IconButton } from '../../components/button.tsx'
import { Menu } from '../../components/menu.tsx'
import { Progress } from '../../components/progress.tsx'
import { notifyError } from '../../components/toast.tsx'
import { formatDuration, formatFixed, formatInteger } from '../../format.ts'
import { useRunColour } from '../../theme.ts'

/** State, progress, rate and time left, beside the run's name. */
export function RunFacts({ run }: { run: RunDetail }) {
  const colour = useRunColour()(run.colour)
  const running = run.state === 'running'
  return (
    <>
      <RunSwatch colour={colour} />
      <StateBadge state={run.state} queuePosition={run.queuePosition} reason={run.reason} />
      <span className="flex items-center gap-2">
        <Progress
          value={run.step}
          max={run.steps}
          label={`${run.name}: step ${run.step} of ${run.steps}`}
          tone={run.state === 'finished' ? 'ok' : running ? 'accent' : 'faint'}
          className="w-24"
        />
        <span className="font-mono text-xs whitespace-nowrap">
          {formatInteger(run.step)} / {formatInteger(run.steps)}
        </span>
      </span>
      {running && (
        <span className="hidden text-xs whitespace-nowrap lg:inline">
          {run.imagesPerSecond !== null && `${formatFixed(run.imagesPerSecond, 1)} images/s`}
          {run.secondsLeft !== null && ` · ${formatDuration(run.secondsLeft)} left`}
        </span>
      )}
    </>
  )
}

/** What one can do with the run in its present state. */
export function RunActions({ run }: { run: RunDetail }) {
  const pause = usePauseRuns()
  const resume = useResumeRuns()
  const stop = useStopRuns()
  const clone = useCloneRun()
  const live = run.state === 'running' || run.state === 'queued'
  const resumable =
    run.state === 'paused' || run.state === 'interrupted' || run.state === 'stopped' || run.state === 'failed'
  return (
    <>
      {run.state === 'running' && (
        <Button size="small" onClick={() => pause.mutate([run.id])} disabled={pause.isPending}>
          <Pause aria-hidden /> Pause
        </Button>
      )}
      {resumable && (
        <Button size="small" variant="primary" onClick={() => resume.mutate([run.id])} disabled={resume.isPending}>
          <Play aria-hidden /> Resume
        </Button>
      )}
      {(live || run.state === 'paused') && (
        <Button size="small" onClick={() => stop.mutate([run.id])} disabled={stop.isPending}>
          <Square aria-hidden /> Stop
        </Button>
      )}
      <DiscriminatorSwitch run={run} />
      <Button size="small" onClick={() => clone.mutate(run.id)} disabled={clone.isPending}>
        <Copy aria-hidden /> Clone
      </Button>
      <Menu
        label="Export"
        trigger={
          <IconButton label="Export" size="iconSmall">
            <Download aria-hidden />
          </IconButton>
        }
        items={[
          { label: 'Metrics as CSV', onSelect: () => void attempt(() => exportMetrics(run)) },
          {
            label: 'Config as JSON',
            onSelect: () =>
              saveText(
                `${fileName(run.name, 'config')}.json`,
                `${JSON.stringify(run.config, null, 2)}\n`,
                'application/json',
              ),
          },
          {
            label: 'Latest sample as safetensors',
            disabled: run.sampleSteps.length === 0,
            onSelect: () => void attempt(() => exportSample(run)),
          },
        ]}
      />
    </>
  )
}

/** Ends the discriminator's part in a run, for good; nothing where it has none, or none any more. */
function DiscriminatorSwitch({ run }: { run: RunDetail }) {
  const switchOff = useSwitchOffDiscriminator()
  const { weight, stop } = run.config.losses.adversarial
  const ended = run.state === 'finished' || run.discriminatorOff !== null || (stop > 0 && run.step >= stop)
  if (weight === 0 || ended) return null
  const asked = run.discriminatorOffAsked
  return (
    <Button
      size="small"
      onClick={() => switchOff.mutate(run.id)}
      disabled={asked || switchOff.isPending}
      title="The discriminator takes part in no further step of this run, resumed or not; its config stays as it is"
    >
      <ShieldOff aria-hidden /> {asked ? 'Discriminator goes off…' : 'Discriminator off'}
    </Button>
  )
}

async function attempt(save: () => Promise<void>): Promise<void> {
  try {
    await save()
  } catch (error) {
    notifyError('The export failed', error)
  }
}

/** The most points the contract gives of one series. */
const MOST_POINTS = 20_000

async function exportMetrics(run: RunDetail): Promise<void> {
  const rows: (string | number)[][] = []
  for (let from = 0; from < run.metricNames.length; from += 16) {
    const names = run.metricNames.slice(from, from + 16)
    for (const series of await api.runs.metrics({ runIds: [run.id], names, maxPoints: MOST_POINTS }))
      for (const [index, value] of series.value.entries())
        rows.push([series.name, series.step[index] as number, series.seconds[index] as number, value])
  }
  saveText(`${fileName(run.name, 'metrics')}.csv`, toCsv(['metric', 'step', 'seconds', 'value'], rows), 'text/csv')
}

async function exportSample(run: RunDetail): Promise<void> {
  const { step, file } = await api.runs.sample({ id: run.id, step: run.sampleSteps.at(-1) as number })
  saveFile(`${fileName(run.name, 'step', String(step))}.safetensors`, file)
}
