import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useId } from 'react'
import { IconButton } from '../../../components/button.tsx'
import { Segmented } from '../../../components/tabs.tsx'
import { formatCountOf, formatInteger } from '../../../format.ts'
import { neighbouringStep } from '../steps.ts'

/** Chooses between the samples of the run and one of its syncs, and how far the sync has gone. */
export function SyncPanel({
  steps,
  step,
  share,
  moved,
  loading,
  onStep,
  onShare,
}: {
  /** Syncs that were kept; empty: there are none. */
  steps: readonly number[]
  /** null: the sample is shown */
  step: number | null
  share: number
  /** Codes that it moved; null: not known yet. */
  moved: number | null
  loading: boolean
  onStep: (step: number | null) => void
  onShare: (share: number) => void
}) {
  const id = useId()
  if (steps.length === 0)
    return (
      <p className="text-xs text-faint">This run keeps no syncs: drag the sample slider above to see its codes move.</p>
    )
  const at = step === null ? -1 : steps.indexOf(step)
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1" aria-busy={loading}>
      <Segmented
        label="What the map shows"
        value={step === null ? 'sample' : 'sync'}
        onChange={(value) => onStep(value === 'sync' ? (steps.at(-1) ?? null) : null)}
        options={[
          { value: 'sample', label: 'Sample' },
          { value: 'sync', label: 'Sync' },
        ]}
      />
      {step === null ? (
        <span className="text-xs text-faint">
          {formatCountOf(steps.length, 'sync')} kept: Sync shows the codes just before and after one.
        </span>
      ) : (
        <>
          <span className="flex items-center gap-1.5">
            <IconButton
              label="Earlier sync"
              size="iconSmall"
              disabled={at <= 0}
              onClick={() => onStep(neighbouringStep(steps, step, -1))}
            >
              <ChevronLeft aria-hidden />
            </IconButton>
            <input
              type="range"
              aria-label="Sync"
              min={0}
              max={steps.length - 1}
              value={Math.max(0, at)}
              disabled={steps.length < 2}
              aria-valuetext={`sync at step ${step}, ${at + 1} of ${steps.length}`}
              onChange={(event) => onStep(steps[Number(event.target.value)] ?? step)}
              className="h-1 w-28 accent-(--accent)"
            />
            <IconButton
              label="Later sync"
              size="iconSmall"
              disabled={at === steps.length - 1}
              onClick={() => onStep(neighbouringStep(steps, step, 1))}
            >
              <ChevronRight aria-hidden />
            </IconButton>
            <span className="font-mono text-xs">step {formatInteger(step)}</span>
          </span>
          <span className="flex items-center gap-2 text-xs text-muted">
            <label htmlFor={id}>before</label>
            <input
              id={id}
              type="range"
              min={0}
              max={100}
              value={Math.round(share * 100)}
              aria-valuetext={`${Math.round(share * 100)} percent of the way from before to after the sync`}
              onChange={(event) => onShare(Number(event.target.value) / 100)}
              className="h-1 w-36 accent-(--accent)"
            />
            <span>after</span>
          </span>
          <span className="text-xs text-faint">{moved !== null && `${formatCountOf(moved, 'code')} moved`}</span>
        </>
      )}
    </div>
  )
}
