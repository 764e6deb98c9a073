import { useQuery } from '@tanstack/react-query'
import { Images } from 'lucide-react'
import { useMemo } from 'react'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import { encodedQuery } from '../../../api/multimodal-queries.ts'
import { EmptyState, ErrorState, Skeleton } from '../../../components/states.tsx'
import { PicturePicker } from '../multimodal/PicturePicker.tsx'
import { useChosenPicture } from '../multimodal/use-chosen-picture.ts'
import { Explanation, type StudioModel, WithModel } from '../multimodal/WithModel.tsx'
import { Editor } from './Editor.tsx'

/** Codes of two pictures, edited layer by layer, and what the model makes of it. */
export const EditSection = ({ run }: { run: RunDetail }) => (
  <WithModel run={run}>{(model) => <Edit model={model} />}</WithModel>
)

function Edit({ model }: { model: StudioModel }) {
  const { run, abilities } = model
  const a = useChosenPicture(run.id, 'a', 0)
  const b = useChosenPicture(run.id, 'b', 1)
  const codesA = useQuery(encodedQuery(run.id, a.picture))
  const codesB = useQuery(encodedQuery(run.id, b.picture))
  const original = useMemo(
    () => codesA.data && codesB.data && { a: codesA.data.codes, b: codesB.data.codes },
    [codesA.data, codesB.data],
  )
  const error = a.error ?? b.error ?? codesA.error ?? codesB.error
  return (
    <div className="flex flex-col gap-4">
      <Explanation step={abilities.step}>
        Codes of picture A are masked, swapped with those of picture B or replaced by them, and decoded at once. Below:
        how likely the model finds the edited map, and whether its answer to a question changes.
      </Explanation>
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2 text-sm">
        {(
          [
            ['A', a],
            ['B', b],
          ] as const
        ).map(([name, { picture, caption, choose }]) => (
          <div key={name} className="flex items-center gap-2">
            <span className="font-semibold">{name}</span>
            <span className="max-w-56 truncate text-muted">{caption}</span>
            <PicturePicker
              runId={run.id}
              title={`Choose picture ${name}`}
              chosen={picture === null ? [] : [picture]}
              onPick={choose}
            >
              Choose {name}
            </PicturePicker>
          </div>
        ))}
      </div>
      {error ? (
        <ErrorState
          title="The codes of the pictures could not be read"
          error={error}
          onRetry={() => {
            void codesA.refetch()
            void codesB.refetch()
          }}
        />
      ) : a.isEmpty ? (
        <EmptyState icon={<Images aria-hidden />} title="No held-out picture">
          The data of the run hold none back; choose two of the training side.
        </EmptyState>
      ) : original ? (
        <Editor key={`${a.picture} ${b.picture}`} model={model} original={original} />
      ) : (
        <Skeleton lines={8} />
      )}
    </div>
  )
}
