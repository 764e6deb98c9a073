import { CircleCheck, CircleDashed, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { PreFlight } from '../../../src-shared/contract/plan.ts'
import { cn } from '../../components/class-names.ts'
import { Fact, Facts, Panel } from '../../components/panel.tsx'
import { ErrorState, Skeleton } from '../../components/states.tsx'
import { formatBytes, formatCount, formatDuration, formatInteger, formatMinutes, formatNumber } from '../../format.ts'

/** What the plan will take, or what is wrong with it, before anything is started. */
export function PreFlightPanel({
  result,
  error,
  stale,
  complete,
}: {
  result: { problems: { path: string; message: string }[]; preflight: PreFlight | null; runs: number } | undefined
  error: Error | null
  /** The plan has changed since. */
  stale: boolean
  complete: boolean
}) {
  return (
    <Panel title="Pre-flight" hint={stale && complete ? 'checking' : undefined} flush>
      <div aria-live="polite" className={cn('flex flex-col', stale && 'opacity-60')}>
        {!complete && (
          <p className="p-3 text-sm text-muted">Give a name, at least one seed, and a value for every factor.</p>
        )}
        {complete && error && <ErrorState className="m-3" title="The plan could not be checked" error={error} />}
        {complete && !error && !result && <Skeleton className="p-3" />}
        {complete && !error && result && result.problems.length > 0 && <Problems problems={result.problems} />}
        {complete && !error && result?.preflight && <Estimate preflight={result.preflight} runs={result.runs} />}
      </div>
    </Panel>
  )
}

const Problems = ({ problems }: { problems: { path: string; message: string }[] }) => (
  <ul aria-label="Problems" className="divide-y divide-line">
    {problems.map(({ path, message }) => (
      <li key={path + message} className="px-3 py-2 text-sm">
        <div className="flex items-center gap-1.5 text-danger">
          <TriangleAlert aria-hidden className="size-3.5 shrink-0" />
          <code className="font-mono font-medium break-all">{path || '(config)'}</code>
        </div>
        <p className="break-words">{message}</p>
      </li>
    ))}
  </ul>
)

function Estimate({ preflight, runs }: { preflight: PreFlight; runs: number }) {
  const total = preflight.parameters.reduce((sum, { count }) => sum + (count ?? 0), 0)
  return (
    <>
      <div className="border-b border-line px-3 py-2.5">
        <div className="text-lg font-semibold">
          {preflight.minutes === null ? 'Time not known yet' : capital(formatMinutes(preflight.minutes))}
        </div>
        <div className="text-xs text-muted">
          {preflight.minutes === null
            ? 'No step has been measured on this machine; the first run does it.'
            : `for ${formatInteger(runs)} ${runs === 1 ? 'run' : 'runs'}${preflight.minutesPerRun === null ? '' : `, ${formatMinutes(preflight.minutesPerRun)} each`}, by what was measured on this machine`}
        </div>
      </div>
      <Section title="One run">
        <Facts>
          <Fact name="Memory" mono>
            {formatBytes(preflight.memoryBytes)}
          </Fact>
          {preflight.secondsPerStep !== null && (
            <Fact name="Step" mono>
              {preflight.secondsPerStep < 10
                ? `${formatNumber(preflight.secondsPerStep * 1000, 3)} ms`
                : formatDuration(preflight.secondsPerStep)}
            </Fact>
          )}
          <Fact name="Codebook" mono>
            {orUnknown(preflight.codebookSize)} × {preflight.codeWidth}
          </Fact>
          <Fact name="Codes a picture" mono>
            {formatInteger(preflight.tokensPerPicture)}
          </Fact>
          <Fact name="Training pictures" mono>
            {orUnknown(preflight.trainingPictures)}
          </Fact>
          <Fact name="Held-out pictures" mono>
            {orUnknown(preflight.heldOutPictures)}
          </Fact>
          <Fact name="Vocabulary" mono>
            {orUnknown(preflight.vocabulary)}
          </Fact>
        </Facts>
      </Section>
      <Section title="Training">
        <Facts>
          <Fact name="Steps an epoch" mono>
            {preflight.stepsPerEpoch === null ? 'not known' : formatNumber(preflight.stepsPerEpoch, 4)}
          </Fact>
          <Fact name="Epochs" mono>
            {preflight.epochs === null ? 'not known' : formatNumber(preflight.epochs, 3)}
          </Fact>
          <Fact name="Codes a step" mono>
            {formatInteger(preflight.tokensPerStep)}
          </Fact>
          <Fact name="Codes in all" mono>
            {formatCount(preflight.tokensOfTraining)}
          </Fact>
          <Fact name="Arithmetic a step" mono>
            {formatOperations(preflight.work)}
          </Fact>
        </Facts>
      </Section>
      {preflight.secondStage && (
        <Section title={preflight.secondStage.kind === 'prior' ? 'Prior' : 'Second stage'}>
          <Facts>
            <Fact name="Steps" mono>
              {formatInteger(preflight.secondStage.steps)}
            </Fact>
            <Fact name={ofStep('Positions', preflight.secondStage.kind)} mono>
              {formatInteger(preflight.secondStage.positions)}
            </Fact>
            <Fact name={ofStep('Arithmetic', preflight.secondStage.kind)} mono>
              {formatOperations([preflight.secondStage])}
            </Fact>
            <Fact name="Memory" mono>
              {formatBytes(preflight.secondStage.memoryBytes)}
            </Fact>
          </Facts>
        </Section>
      )}
      <Section title="Memory by what it is for">
        <Facts>
          {preflight.memory.map(({ part, bytes }) => (
            <Fact key={part} name={part} mono>
              {formatBytes(bytes)}
            </Fact>
          ))}
        </Facts>
      </Section>
      <Section title="Parameters">
        <Facts>
          {preflight.parameters.map(({ part, count }) => (
            <Fact key={part} name={part} mono>
              {count === null ? 'not known' : formatCount(count)}
            </Fact>
          ))}
          <Fact name={<span className="font-medium text-text">all</span>} mono>
            <span className="font-medium">{formatCount(total)}</span>
          </Fact>
        </Facts>
      </Section>
      {preflight.missing.length > 0 && (
        <ul aria-label="Not here" className="divide-y divide-line border-b border-line">
          {preflight.missing.map(({ path, message, remedy }) => (
            <li key={path + message} className="px-3 py-2 text-sm">
              <div className="flex items-center gap-1.5 text-muted">
                <CircleDashed aria-hidden className="size-3.5 shrink-0" />
                <code className="font-mono font-medium break-all">{path}</code>
                <span>is not here</span>
              </div>
              <p className="break-words">{message}</p>
              <p className="text-muted">{remedy}</p>
            </li>
          ))}
        </ul>
      )}
      {preflight.warnings.length === 0 ? (
        <p className="flex items-center gap-1.5 px-3 py-2.5 text-sm text-ok">
          <CircleCheck aria-hidden className="size-3.5" /> Nothing to warn of
        </p>
      ) : (
        <ul aria-label="Warnings" className="divide-y divide-line">
          {preflight.warnings.map(({ path, message, remedy }) => (
            <li key={path + message} className="px-3 py-2 text-sm">
              <div className="flex items-center gap-1.5 text-warn">
                <TriangleAlert aria-hidden className="size-3.5 shrink-0" />
                <code className="font-mono font-medium break-all">{path}</code>
              </div>
              <p>{message}</p>
              <p className="text-muted">{remedy}</p>
            </li>
          ))}
        </ul>
      )}
      {preflight.advice.length > 0 && (
        <ul aria-label="What the codebook's numbers mean" className="divide-y divide-line border-t border-line">
          {preflight.advice.map(({ path, message }) => (
            <li key={path} className="px-3 py-2 text-sm">
              <div className="flex items-center gap-1.5 text-muted">
                <Info aria-hidden className="size-3.5 shrink-0" />
                <code className="font-mono font-medium break-all">{path}</code>
              </div>
              <p>{message}</p>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

const Section = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="border-b border-line px-3 py-2.5">
    <h3 className="mb-1.5 text-xs font-semibold text-muted">{title}</h3>
    {children}
  </section>
)

const orUnknown = (value: number | null): string => (value === null ? 'not known' : formatInteger(value))

/** All parts of a step: "160 GFLOP", "439 TFLOP". */
function formatOperations(work: readonly { gflop: number }[]): string {
  const total = work.reduce((sum, { gflop }) => sum + gflop, 0)
  return total < 1e3 ? `${formatNumber(total, 3)} GFLOP` : `${formatNumber(total / 1e3, 4)} TFLOP`
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Dialogues differ in length; a prior's pictures are all alike. */
const ofStep = (what: string, kind: NonNullable<PreFlight['secondStage']>['kind']): string =>
  `${what} a step${kind === 'prior' ? '' : ', about'}`
