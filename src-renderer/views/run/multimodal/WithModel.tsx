import { useQuery } from '@tanstack/react-query'
import { MessagesSquare } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ModelAbilities } from '../../../../src-shared/contract/multimodal.ts'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import { abilitiesQuery } from '../../../api/multimodal-queries.ts'
import { EmptyState, ErrorState, Skeleton } from '../../../components/states.tsx'
import type { CodeNames } from '../../../pictures/code-names.ts'
import { waitsForCheckpoint } from './second-stage.ts'
import { useRunCodes } from './use-run-codes.ts'

/** What a view of the second stage knows of the model it asks. */
export interface StudioModel {
  run: RunDetail
  abilities: ModelAbilities
  names: CodeNames
  /** Rows of the codebook's table. */
  size: number
}

/** Shows a view once the run has a model to ask; before that, what it waits for. */
export function WithModel({ run, children }: { run: RunDetail; children: (model: StudioModel) => ReactNode }) {
  const waits = waitsForCheckpoint(run)
  const { data: abilities, error, refetch } = useQuery({ ...abilitiesQuery(run), enabled: waits === null })
  const { codes, error: codesError, retry } = useRunCodes(run)
  if (waits !== null)
    return (
      <EmptyState icon={<MessagesSquare aria-hidden />} title="No model to ask yet">
        {waits}
      </EmptyState>
    )
  if (error && !abilities)
    return <ErrorState title="The model of this run could not be opened" error={error} onRetry={() => void refetch()} />
  if (codesError && !codes)
    return (
      <ErrorState title="It is not known what the codes of this run are" error={codesError} onRetry={() => retry()} />
    )
  if (!abilities || !codes) return <Skeleton lines={8} />
  return children({ run, abilities, ...codes })
}

/** A sentence or two on what a view shows, and which model it asks. */
export const Explanation = ({ children, step }: { children: ReactNode; step?: number }) => (
  <p className="max-w-4xl text-sm text-muted">
    {children}
    {step !== undefined && (
      <span className="text-faint">
        {' '}
        Asked is the model at step {step.toLocaleString('en-US')}, the newest checkpoint.
      </span>
    )}
  </p>
)
