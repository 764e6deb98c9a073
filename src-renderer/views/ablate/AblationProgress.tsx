import type { AblationSummary } from '../../../src-shared/contract/ablations.ts'
import { Progress } from '../../components/progress.tsx'

/** How many of the runs are finished, as a bar and in words. */
export function AblationProgress({ ablation }: { ablation: AblationSummary }) {
  const done = ablation.finished === ablation.runCount
  return (
    <div className="flex items-center gap-3">
      <Progress
        className="w-24"
        value={ablation.finished}
        max={ablation.runCount}
        tone={done ? 'ok' : ablation.running > 0 ? 'accent' : 'faint'}
        label={`Finished runs of ${ablation.name}`}
      />
      <span className="text-xs whitespace-nowrap text-muted tabular-nums">
        {[
          `${ablation.finished} of ${ablation.runCount} finished`,
          ...(ablation.running > 0 ? [`${ablation.running} running`] : []),
          ...(ablation.failed > 0 ? [`${ablation.failed} failed`] : []),
        ].join(', ')}
      </span>
    </div>
  )
}
