import { useQuery } from '@tanstack/react-query'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import type { HeldOutAnswer } from '../../../../src-shared/held-out-answers.ts'
import { taskLabel } from '../../../../src-shared/multimodal-metrics.ts'
import { dialoguesQuery } from '../../../api/multimodal-queries.ts'
import { Detail, DetailList } from '../../../components/detail-list.tsx'
import { ErrorState, Skeleton } from '../../../components/states.tsx'
import { PixelPicture } from '../../../pictures/PixelPicture.tsx'
import { TokenSequence } from '../dialogues/TokenSequence.tsx'
import { questionText } from './answer-summary.ts'
import { CodeMapRow } from './CodeMapRow.tsx'

const SIDE = 240

/** One answer, with the picture that was asked about and its codes. */
export function AnswerCard({ run, answer }: { run: RunDetail; answer: HeldOutAnswer }) {
  const { task, place, question, said, right, blind } = answer
  const { data, error, refetch } = useQuery(
    dialoguesQuery({ id: run.id, task, side: 'heldOut', from: place, count: 1 }),
  )
  const [dialogue] = data?.dialogues ?? []
  return (
    <div className="flex flex-col gap-3 p-3 text-sm">
      <h2 className="font-semibold">{questionText(question)}</h2>
      {error && !data ? (
        <ErrorState title="The picture could not be shown" error={error} onRetry={() => void refetch()} />
      ) : !dialogue ? (
        <Skeleton lines={6} />
      ) : (
        dialogue.pictures.map((at, number) => {
          const [pixels, maps] = [data?.pictures[at], data?.codes[at]]
          const label = `Picture ${number + 1} of the question`
          return (
            pixels && (
              // biome-ignore lint/suspicious/noArrayIndexKey: a picture of a dialogue is its place
              <div key={number} className="flex flex-col gap-2">
                <PixelPicture pixels={pixels} size={SIDE} label={label} />
                {maps && <CodeMapRow run={run} maps={maps} label={label} />}
              </div>
            )
          )
        })
      )}
      <DetailList>
        <Detail name="Task">{taskLabel(task)}</Detail>
        <Detail name="Right answer">{answer.answer}</Detail>
        <Detail name="Said">
          <span className={right ? 'text-ok' : 'text-danger'}>{said || '(nothing)'}</span>
        </Detail>
        <Detail name="Without the picture">{blind ? 'right as well' : 'wrong'}</Detail>
        <Detail name="Where from">{dialogue?.source ?? `held-out dialogue ${place + 1}`}</Detail>
      </DetailList>
      {dialogue && (
        <>
          <h3 className="text-xs font-medium text-muted">As the model reads it</h3>
          <TokenSequence label="The dialogue" positions={dialogue.positions} ids={false} />
        </>
      )}
    </div>
  )
}
