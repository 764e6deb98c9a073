import { useQuery } from '@tanstack/react-query'
import { Download, PencilLine, Play, Square } from 'lucide-react'
import { useState } from 'react'
import { answerMetrics } from '../../../src-shared/answer-results.ts'
import type { KeptEvaluation } from '../../../src-shared/kept-evaluations.ts'
import { useAction } from '../../api/actions.ts'
import { api } from '../../api/client.ts'
import { evaluationQuery } from '../../api/evaluation-queries.ts'
import { useScoring } from '../../api/scoring.ts'
import { saveFile } from '../../charts/save-picture.ts'
import { Button } from '../../components/button.tsx'
import { Page } from '../../components/page.tsx'
import { Progress } from '../../components/progress.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx'
import { formatFixed, formatInteger, formatTime } from '../../format.ts'
import { AnswersResult } from './AnswersResult.tsx'
import { NewEvaluation } from './NewEvaluation.tsx'
import { PicturesResult } from './PicturesResult.tsx'
import { RemoveEvaluation } from './RemoveEvaluation.tsx'
import { useEvaluationTitle } from './use-title.ts'

/** One evaluation: how far it is, or what came of it. */
export function EvaluationView({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(evaluationQuery(id))
  const title = useEvaluationTitle()
  return (
    <Page
      title={data ? title(data.asked) : 'Evaluation'}
      crumbs={[{ label: 'Evaluate', href: '/evaluations' }]}
      detail={data && <Detail evaluation={data} />}
      actions={data ? <Actions evaluation={data} /> : error && <RemoveEvaluation id={id} title={`evaluation ${id}`} />}
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

function Actions({ evaluation: { id, asked, result, isBeingScored } }: { evaluation: KeptEvaluation }) {
  const { current } = useScoring()
  const title = useEvaluationTitle()
  const [changing, setChanging] = useState(false)
  const download = useAction('Save', async () => {
    saveFile(`evaluation-${id}.json`, await api.evaluations.document({ id }))
  })
  return (
    <>
      <Button onClick={() => setChanging(true)}>
        <PencilLine aria-hidden /> Change and score anew
      </Button>
      {result && (
        <Button disabled={download.isPending} onClick={() => download.mutate(undefined)}>
          <Download aria-hidden /> JSON
        </Button>
      )}
      <RemoveEvaluation id={id} title={title(asked)} disabled={isBeingScored || current?.id === id} />
      {changing && <NewEvaluation like={asked} onClose={() => setChanging(false)} />}
    </>
  )
}

function Unfinished({ evaluation: { id, answered, isBeingScored } }: { evaluation: KeptEvaluation }) {
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
  if (isBeingScored)
    return (
      <EmptyState title="Being scored">
        Another window scores it; the figures come here as soon as they are there.
      </EmptyState>
    )
  return (
    <>
      {error !== undefined && <ErrorState title="It could not be scored" error={error} />}
      <EmptyState
        title="Not scored yet"
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
            : 'Score it as it was asked for, or change what is asked.'}
      </EmptyState>
    </>
  )
}
