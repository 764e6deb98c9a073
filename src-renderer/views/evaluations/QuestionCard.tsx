import { useQuery } from '@tanstack/react-query'
import type { RunSummary } from '../../../src-shared/contract/runs.ts'
import type { ListedQuestion } from '../../../src-shared/kept-evaluations.ts'
import { questionPictureQuery } from '../../api/evaluation-queries.ts'
import { runQuery } from '../../api/queries.ts'
import { Detail, DetailList } from '../../components/detail-list.tsx'
import { Select } from '../../components/select.tsx'
import { ErrorState, Skeleton } from '../../components/states.tsx'
import { formatFixed } from '../../format.ts'
import { PixelPicture } from '../../pictures/PixelPicture.tsx'
import { CodeMapRow } from '../run/answers/CodeMapRow.tsx'
import { toneOf, truthText } from './QuestionTable.tsx'

const SIDE = 240
/** In the place of a run that looks at the picture. */
export const AS_IT_IS = 'as-it-is'

/** One question with its picture, the code map that a run gives it, and how its answer was read. */
export function QuestionCard({
  evaluation,
  question,
  runs,
  run,
  onRun,
}: {
  evaluation: string
  question: ListedQuestion
  /** Runs whose tokenizer can look at the picture. */
  runs: readonly RunSummary[]
  /** The one that does, or AS_IT_IS. */
  run: string
  onRun: (run: string) => void
}) {
  const { place, id, image, options, answer, read, score, groups } = question
  return (
    <div className="flex flex-col gap-3 p-3 text-sm">
      <h2 className="pr-8 font-semibold">{question.question}</h2>
      {image === '' ? (
        <p className="text-xs text-muted">This question has no picture.</p>
      ) : (
        <>
          <Select
            label="How the picture is shown"
            value={run}
            options={[
              { value: AS_IT_IS, label: 'The picture as it is' },
              ...runs.map(({ id, name, seed }) => ({ value: id, label: `As ${name}, seed ${seed}, sees it` })),
            ]}
            onChange={onRun}
          />
          <Picture evaluation={evaluation} place={place} run={run === AS_IT_IS ? null : run} name={image} />
        </>
      )}
      {options.length > 0 && (
        <ol className="flex flex-col gap-0.5">
          {options.map((text, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an option is its letter
            <li key={at}>
              <span className="font-mono text-muted">{String.fromCharCode(65 + at)}</span> {text}
            </li>
          ))}
        </ol>
      )}
      <DetailList>
        <Detail name="Right answer">{truthText(question)}</Detail>
        <Detail name="Answered">
          <span className={toneOf(question)}>{answer ?? 'nothing'}</span>
        </Detail>
        <Detail name="Read as">{read ?? 'nothing that it could be'}</Detail>
        <Detail name="Score">{formatFixed(score, 3)}</Detail>
        {Object.entries(groups).map(([by, group]) => (
          <Detail key={by} name={by.charAt(0).toUpperCase() + by.slice(1)}>
            {group}
          </Detail>
        ))}
        <Detail name="Id">{id}</Detail>
        {image !== '' && <Detail name="Picture">{image}</Detail>}
      </DetailList>
    </div>
  )
}

function Picture({
  evaluation,
  place,
  run,
  name,
}: {
  evaluation: string
  place: number
  run: string | null
  name: string
}) {
  const { data, error, refetch } = useQuery(questionPictureQuery({ id: evaluation, place, run }))
  const { data: detail } = useQuery({ ...runQuery(run ?? ''), enabled: run !== null })
  if (error) return <ErrorState title="The picture could not be shown" error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Skeleton lines={6} />
  if (data === null)
    return <p className="text-xs text-muted">No folder of pictures was named, so it cannot be shown.</p>
  const { width, height } = data.pixels
  return (
    <div className="flex flex-col gap-2">
      <PixelPicture pixels={data.pixels} size={SIDE} height={(SIDE * height) / width} label={`Picture ${name}`} />
      {detail && data.codes.length > 0 && <CodeMapRow run={detail} maps={data.codes} label={`Picture ${name}`} />}
    </div>
  )
}
