import { useQuery } from '@tanstack/react-query'
import { Images } from 'lucide-react'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import { decompressionQuery } from '../../../api/multimodal-queries.ts'
import { cn } from '../../../components/class-names.ts'
import { EmptyState, ErrorState, Skeleton } from '../../../components/states.tsx'
import { PicturePicker } from '../multimodal/PicturePicker.tsx'
import { useChosenPicture } from '../multimodal/use-chosen-picture.ts'
import { Explanation, type StudioModel, WithModel } from '../multimodal/WithModel.tsx'
import { DecompressionBoard } from './DecompressionBoard.tsx'

/** How well a model writes a picture's codes from the vectors that its cells are read as (Eq. 4 and 5). */
export const DecompressSection = ({ run }: { run: RunDetail }) => (
  <WithModel run={run}>{(model) => <Decompress model={model} />}</WithModel>
)

function Decompress({ model }: { model: StudioModel }) {
  const { run, abilities } = model
  const { picture, caption, choose, error: pictureError, isEmpty } = useChosenPicture(run.id, 'inspect', 0)
  const query = useQuery({
    ...decompressionQuery(run, picture),
    enabled: picture !== null && abilities.cannotPaint === null && abilities.cannotRead === null,
  })
  const cannot = abilities.cannotRead ?? abilities.cannotPaint
  const error = pictureError ?? query.error
  return (
    <div className="flex flex-col gap-4">
      <Explanation step={abilities.step}>
        In-context decompression: the model sees one aggregated vector for each cell and writes all codes of the
        picture. Teacher-forced, each code is written after the true ones before it; free-running, after the model’s
        own.
      </Explanation>
      {cannot !== null ? (
        <EmptyState icon={<Images aria-hidden />} title="This model cannot decompress pictures">
          {cannot}
        </EmptyState>
      ) : (
        <>
          <div className="flex items-center gap-2 text-sm">
            <PicturePicker runId={run.id} chosen={picture === null ? [] : [picture]} onPick={choose}>
              Choose a picture
            </PicturePicker>
            <span className="truncate text-muted">{caption}</span>
            {!abilities.tasks.includes('decompression') && (
              <span className="text-xs text-warn">
                The run has not learned decompression (multimodal.tasks.decompression is 0).
              </span>
            )}
          </div>
          {error ? (
            <ErrorState
              title="The picture could not be decompressed"
              error={error}
              onRetry={() => void query.refetch()}
            />
          ) : isEmpty ? (
            <EmptyState icon={<Images aria-hidden />} title="No held-out picture">
              The data of the run hold none back; choose one of the training side.
            </EmptyState>
          ) : query.data ? (
            <div className={cn(query.isPlaceholderData && 'opacity-60')} aria-busy={query.isFetching}>
              <DecompressionBoard model={model} shown={query.data} />
            </div>
          ) : (
            <Skeleton lines={8} />
          )}
        </>
      )}
    </div>
  )
}
