import { Columns2, Copy, Pause, Play, Square, Trash2, X } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import type { RunSummary } from '../../../src-shared/contract/runs.ts'
import { useCloneRun, usePauseRuns, useRemoveRuns, useResumeRuns, useStopRuns } from '../../api/actions.ts'
import { Button, IconButton } from '../../components/button.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { canPause, canRemove, canResume, canStop } from './run-actions.ts'

const named = (runs: readonly RunSummary[]): string =>
  runs.length === 1 ? `“${runs[0]?.name}”` : `${runs.length} runs`

/** What can be done with the given runs; an action takes those of them that are in a state for it. */
export function RunToolbar({ runs, onClear }: { runs: readonly RunSummary[]; onClear?: () => void }) {
  const pause = usePauseRuns()
  const resume = useResumeRuns()
  const stop = useStopRuns()
  const remove = useRemoveRuns()
  const clone = useCloneRun()
  const [asking, setAsking] = useState<'stop' | 'remove' | null>(null)
  const those = (can: (state: RunSummary['state']) => boolean) => runs.filter((run) => can(run.state))
  const ids = (some: readonly RunSummary[]) => some.map((run) => run.id)
  const [pausable, resumable, stoppable, removable] = [
    those(canPause),
    those(canResume),
    those(canStop),
    those(canRemove),
  ]
  const [only] = runs
  return (
    <div role="toolbar" aria-label="Actions on runs" className="flex items-center gap-0.5">
      {onClear && <span className="mr-2 text-sm text-muted">{runs.length} selected</span>}
      {onClear && (
        <Button asChild size="small" variant="secondary" className="mr-1">
          <Link href={`/compare?runs=${ids(runs).join(',')}`}>
            <Columns2 aria-hidden /> Compare
          </Link>
        </Button>
      )}
      <IconButton label="Pause" disabled={pausable.length === 0} onClick={() => pause.mutate(ids(pausable))}>
        <Pause aria-hidden />
      </IconButton>
      <IconButton label="Resume" disabled={resumable.length === 0} onClick={() => resume.mutate(ids(resumable))}>
        <Play aria-hidden />
      </IconButton>
      <IconButton label="Stop" disabled={stoppable.length === 0} onClick={() => setAsking('stop')}>
        <Square aria-hidden />
      </IconButton>
      <IconButton label="Clone" disabled={runs.length !== 1} onClick={() => only && clone.mutate(only.id)}>
        <Copy aria-hidden />
      </IconButton>
      <IconButton label="Remove" disabled={removable.length === 0} onClick={() => setAsking('remove')}>
        <Trash2 aria-hidden />
      </IconButton>
      {onClear && (
        <IconButton label="Clear the selection" onClick={onClear}>
          <X aria-hidden />
        </IconButton>
      )}
      <ConfirmDialog
        open={asking === 'stop'}
        onOpenChange={(open) => !open && setAsking(null)}
        title={`Stop ${named(stoppable)}?`}
        message="Training ends after the present step and a checkpoint is written. It can be resumed later."
        action={stoppable.length === 1 ? 'Stop the run' : `Stop ${stoppable.length} runs`}
        onConfirm={() => stop.mutate(ids(stoppable))}
      />
      <ConfirmDialog
        open={asking === 'remove'}
        onOpenChange={(open) => !open && setAsking(null)}
        title={`Remove ${named(removable)}?`}
        message={
          <>
            The run directories with metrics, samples and checkpoints are deleted. This cannot be undone.
            {removable.length < runs.length &&
              ` Selected runs that are running or queued stay (${runs.length - removable.length}).`}
          </>
        }
        action={removable.length === 1 ? 'Remove the run' : `Remove ${removable.length} runs`}
        onConfirm={() => {
          remove.mutate(ids(removable))
          onClear?.()
        }}
      />
    </div>
  )
}
