import { useQuery } from '@tanstack/react-query'
import { CircleX, Images } from 'lucide-react'
import { type ReactNode, useMemo } from 'react'
import type { RunDetail } from '../../../src-shared/contract/runs.ts'
import { useNumberParam, useParam } from '../../address.ts'
import { runQuery } from '../../api/queries.ts'
import { Provenance } from '../../components/metric-label.tsx'
import { Page } from '../../components/page.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx'
import { TabPanel, Tabs } from '../../components/tabs.tsx'
import { formatInteger } from '../../format.ts'
import { type CodeNames, codeNames } from '../../pictures/code-names.ts'
import type { Sample } from '../../pictures/sample.ts'
import { useKeys } from '../../pictures/use-keys.ts'
import { useSample, useTokens } from '../../pictures/use-sample.ts'
import { Alarms } from './Alarms.tsx'
import { AnswersSection } from './answers/AnswersSection.tsx'
import { CodeMapsSection } from './CodeMapsSection.tsx'
import { ConfigSection } from './ConfigSection.tsx'
import { CurvesSection } from './CurvesSection.tsx'
import { CodebookSection } from './codebook/CodebookSection.tsx'
import { DecompressSection } from './decompress/DecompressSection.tsx'
import { DialoguesSection } from './dialogues/DialoguesSection.tsx'
import { DriftSection } from './drift/DriftSection.tsx'
import { EditSection } from './edit/EditSection.tsx'
import { LogSection } from './LogSection.tsx'
import { hasPrior, hasSecondStage, paints } from './multimodal/second-stage.ts'
import { PaintingsSection } from './paintings/PaintingsSection.tsx'
import { RunActions, RunFacts } from './RunHeader.tsx'
import { StepSlider } from './StepSlider.tsx'
import { SpeakSection } from './speak/SpeakSection.tsx'
import { nearestStep, neighbouringStep } from './steps.ts'

const RECORDED_TABS = [
  { value: 'curves', label: 'Curves' },
  { value: 'codebook', label: 'Codebook' },
  { value: 'drift', label: 'Drift' },
  { value: 'maps', label: 'Code maps' },
]
const FACT_TABS = [
  { value: 'config', label: 'Config' },
  { value: 'log', label: 'Log' },
]
/** Tabs of a run with a second stage. */
const STUDIO_TABS = [
  { value: 'speak', label: 'Chat and paint' },
  { value: 'edit', label: 'Edit codes' },
  { value: 'answers', label: 'Answers' },
  { value: 'dialogues', label: 'Dialogues' },
  { value: 'decompress', label: 'Decompression' },
]
/** Of a run with a prior, which has no words. */
const PRIOR_TABS = [{ value: 'speak', label: 'Paint' }]
/** Of a run whose second stage, or prior, paints. */
const PAINTINGS_TAB = { value: 'paintings', label: 'Paintings' }
const OF_SAMPLES = ['codebook', 'drift', 'maps']
const CRUMBS = [{ label: 'Runs', href: '/runs' }]

/** One run: what happens in it, live, and everything it recorded. */
export function RunView({ id }: { id: string }) {
  const query = useQuery(runQuery(id))
  if (query.isError)
    return (
      <Page title={id} crumbs={CRUMBS}>
        <ErrorState title="This run could not be opened" error={query.error} onRetry={() => void query.refetch()} />
      </Page>
    )
  if (!query.data)
    return (
      <Page title={id} crumbs={CRUMBS}>
        <Skeleton lines={10} />
      </Page>
    )
  return (
    <Provenance value={query.data.provenance}>
      <Run run={query.data} />
    </Provenance>
  )
}

function Run({ run }: { run: RunDetail }) {
  const [tabText, setTab] = useParam('tab', 'curves')
  const secondStage = hasSecondStage(run)
  const prior = hasPrior(run)
  const painter = paints(run)
  const tabs = useMemo(
    () => [
      ...RECORDED_TABS,
      ...(painter ? [PAINTINGS_TAB] : []),
      ...(secondStage ? STUDIO_TABS : prior ? PRIOR_TABS : []),
      ...FACT_TABS,
    ],
    [painter, prior, secondStage],
  )
  const tab = tabs.find(({ value }) => value === tabText)?.value ?? 'curves'
  const [wanted, setWanted] = useNumberParam('step')
  const ofSamples = OF_SAMPLES.includes(tab)
  const step = nearestStep(run.sampleSteps, wanted)
  const sample = useSample(run.id, ofSamples ? step : null)
  const tokens = useTokens(run.id, step !== null)
  const size = sample.data?.layers[0]?.usage.length ?? 0
  const names = useMemo(() => codeNames(size, tokens.data), [size, tokens.data])
  const setStep = (next: number) => setWanted(next === run.sampleSteps.at(-1) ? null : next)
  useKeys((event) => {
    if (!ofSamples || step === null || (event.key !== ',' && event.key !== '.')) return false
    setStep(neighbouringStep(run.sampleSteps, step, event.key === ',' ? -1 : 1))
    return true
  })
  const withSample = (show: (sample: Sample, names: CodeNames) => ReactNode) => {
    if (step === null) return <NoSample run={run} />
    if (sample.isError)
      return (
        <ErrorState
          title={`The sample of step ${step} could not be read`}
          error={sample.error}
          onRetry={() => void sample.refetch()}
        />
      )
    if (!sample.data) return <Skeleton lines={8} />
    // Chosen rows have no numbers to be shown by unless it is known which tokens they are.
    const { paradigm, rows } = run.config.codebook
    if (paradigm !== 'independent' && rows !== 'all' && !tokens.data?.ids)
      return tokens.isPending ? (
        <Skeleton lines={8} />
      ) : (
        <ErrorState
          title="It is not known which tokens the codes of this run are"
          error={tokens.error ?? new Error('The folder of the run has no codes.json. Clone the run to train it again.')}
          onRetry={() => void tokens.refetch()}
        />
      )
    return show(sample.data, names)
  }
  return (
    <Page
      title={run.name}
      crumbs={CRUMBS}
      detail={<RunFacts run={run} />}
      actions={<RunActions run={run} />}
      scroll={false}
      className="flex flex-col"
    >
      <Alarms run={run} />
      {run.reason !== '' && (run.state === 'failed' || run.state === 'interrupted') && (
        <p
          role="status"
          className="flex shrink-0 items-center gap-2 border-b border-line bg-danger-soft px-5 py-1.5 text-sm text-danger"
        >
          <CircleX aria-hidden className="size-4 shrink-0" />
          {run.state === 'failed' ? 'Failed' : 'Interrupted'}: {run.reason}
        </p>
      )}
      <Tabs
        value={tab}
        onChange={setTab}
        tabs={tabs}
        label="Parts of the run"
        className="flex-1 [&>div:first-child]:bg-surface [&>div:first-child]:px-5"
        aside={
          ofSamples &&
          step !== null && (
            <StepSlider steps={run.sampleSteps} step={step} onStep={setStep} loading={sample.isFetching} />
          )
        }
      >
        <TabPanel value="curves" className="overflow-auto px-5 py-4">
          <CurvesSection run={run} />
        </TabPanel>
        <TabPanel value="codebook" className="overflow-auto px-5 py-4">
          {withSample((data, names) => (
            <CodebookSection run={run} sample={data} names={names} />
          ))}
        </TabPanel>
        <TabPanel value="drift" className="overflow-auto px-5 py-4">
          {withSample((data, names) => (
            <DriftSection run={run} sample={data} names={names} />
          ))}
        </TabPanel>
        <TabPanel value="maps" className="overflow-auto px-5 py-3">
          {withSample((data, names) => (
            <CodeMapsSection sample={data} names={names} />
          ))}
        </TabPanel>
        {(secondStage || prior) && (
          <TabPanel value="speak">
            <SpeakSection run={run} />
          </TabPanel>
        )}
        {secondStage && (
          <>
            <TabPanel value="edit" className="overflow-auto px-5 py-4">
              <EditSection run={run} />
            </TabPanel>
            <TabPanel value="answers" className="overflow-auto px-5 py-4">
              <AnswersSection run={run} />
            </TabPanel>
            <TabPanel value="dialogues" className="overflow-auto px-5 py-4">
              <DialoguesSection run={run} />
            </TabPanel>
            <TabPanel value="decompress" className="overflow-auto px-5 py-4">
              <DecompressSection run={run} />
            </TabPanel>
          </>
        )}
        {painter && (
          <TabPanel value="paintings" className="overflow-auto px-5 py-4">
            <PaintingsSection run={run} />
          </TabPanel>
        )}
        <TabPanel value="config" className="overflow-auto px-5 py-4">
          <ConfigSection run={run} />
        </TabPanel>
        <TabPanel value="log" className="px-5 py-4">
          <LogSection run={run} />
        </TabPanel>
      </Tabs>
    </Page>
  )
}

/** A run without samples says when the first comes. */
function NoSample({ run }: { run: RunDetail }) {
  const every = run.config.training.sampleEvery
  const next = (Math.floor(run.step / every) + 1) * every
  const seconds =
    run.secondsLeft !== null && run.steps > run.step
      ? (run.secondsLeft / (run.steps - run.step)) * (next - run.step)
      : null
  return (
    <EmptyState icon={<Images />} title="No sample recorded yet">
      {run.state === 'running'
        ? `The next one comes at step ${formatInteger(Math.min(next, run.steps))}${seconds === null ? '' : `, in about ${Math.max(1, Math.round(seconds))} s`}. The run records one every ${formatInteger(every)} steps.`
        : run.state === 'queued' || run.state === 'paused'
          ? `The run is ${run.state}. Once it trains it records a sample every ${formatInteger(every)} steps.`
          : `The run is ${run.state} at step ${formatInteger(run.step)}; samples are recorded every ${formatInteger(every)} steps.`}
    </EmptyState>
  )
}
