import { useQuery } from '@tanstack/react-query'
import { Download, Play, Square, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { answerMetrics } from '../../../src-shared/answer-results.ts'
import { evaluationTitle, type KeptEvaluation } from '../../../src-shared/kept-evaluations.ts'
import { navigate } from '../../address.ts'
import { useAction } from '../../api/actions.ts'
import { api } from '../../api/client.ts'
import { evaluationQuery } from '../../api/evaluation-queries.ts'
import { useScoring } from '../../api/scoring.ts'
import { saveFile } from '../../charts/save-picture.ts'
import { Button } from '../../components/button.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { Page } from '../../components/page.tsx'
import { Progress } from '../../components/progress.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx'
import { formatFixed, formatInteger, formatTime } from '../../format.ts'
import { AnswersResult } from './AnswersResult.tsx'
import { PicturesResult } from './PicturesResult.tsx'

/** One evaluation: how far it is, or what came of it. */
export function EvaluationView({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(evaluationQuery(id))
  return (
    <Page
      title={data ? evaluationTitle(data.asked) : 'Evaluation'}
      crumbs={[{ label: 'Evaluate', href: '/evaluations' }]}
      detail={data && <Detail evaluation={data} />}
      actions={data && <Actions evaluation={data} />}
    >
      {error ? (
        <ErrorState title="The evaluation could not be read" error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton lines={8} />
      ) : data.result === null ? (
        <Unfinished evaluation={data} />
      ) : data.result.kind === 'answers' ? (
        <AnswersResult id={id} asked={data.asked} result={data.result.result} />
      ) : (
        <PicturesResult result={data.result} />
      )}
    </Page>
  )
}

function Detail({ evaluation: { createdAt, result } }: { evaluation: KeptEvaluation }) {
  const headline = result?.kind === 'answers' ? result.result.headline : null
  return (
    <>
      {headline && (
        <span className="text-text tabular-nums">
          {formatFixed(headline.percent, 2)} % {answerMetrics[headline.metric].label}
          {headline.by !== '' && ` (${headline.by})`}
        </span>
      )}
      <span>{formatTime(createdAt, Date.now())}</span>
    </>
  )
}

function Actions({ evaluation: { id, asked, result } }: { evaluation: KeptEvaluation }) {
  const { current } = useScoring()
  const [asking, setAsking] = useState(false)
  const download = useAction('Save', async () => {
    saveFile(`evaluation-${id}.json`, await api.evaluations.document({ id }))
  })
  const remove = useAction(
    'Remove',
    () => api.evaluations.remove({ id }),
    () => navigate('/evaluations'),
  )
  return (
    <>
      {result && (
        <Button disabled={download.isPending} onClick={() => download.mutate(undefined)}>
          <Download aria-hidden /> JSON
        </Button>
      )}
      <Button disabled={current?.id === id} onClick={() => setAsking(true)}>
        <Trash2 aria-hidden /> Remove
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Remove this evaluation?"
        message={`The figures and the list of questions of ${evaluationTitle(asked)} are deleted. The files that were scored stay.`}
        action="Remove"
        onConfirm={() => remove.mutate(undefined)}
      />
    </>
  )
}

function Unfinished({ evaluation: { id, answered } }: { evaluation: KeptEvaluation }) {
  const { current, errors, start, stop } = useScoring()
  const error = errors[id]
  if (current?.id === id)
    return (
      <EmptyState
        title="Being scored"
        actions={
          <Button onClick={stop}>
            <Square aria-hidden /> Stop
          </Button>
        }
      >
        <Progress value={current.share} max={1} label={`Scoring: ${current.words}`} className="mx-auto my-3 w-64" />
        <span className="tabular-nums">{current.words}</span>
      </EmptyState>
    )
  return (
    <>
      {error !== undefined && <ErrorState title="It could not be scored" error={error} />}
      <EmptyState
        title="Not done"
        actions={
          <Button variant="primary" disabled={current !== null} onClick={() => start(id)}>
            <Play aria-hidden /> {answered ? 'Go on' : 'Score'}
          </Button>
        }
      >
        {current !== null
          ? 'Another evaluation is being scored; wait for it, or stop it.'
          : answered
            ? `${formatInteger(answered)} questions are answered and kept; it goes on with the others.`
            : 'It was stopped before it was done.'}
      </EmptyState>
    </>
  )
}
