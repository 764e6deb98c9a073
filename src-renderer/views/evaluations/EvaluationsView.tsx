import { useQuery } from '@tanstack/react-query'
import { ClipboardCheck, Plus } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { answerMetrics } from '../../../src-shared/answer-results.ts'
import type { KeptEvaluation } from '../../../src-shared/kept-evaluations.ts'
import { evaluationsQuery } from '../../api/evaluation-queries.ts'
import { useScoring } from '../../api/scoring.ts'
import { Button } from '../../components/button.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { Progress } from '../../components/progress.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx'
import { Cell, HeadCell, Table, TableHead } from '../../components/table.tsx'
import { formatFixed, formatInteger, formatNumber, formatTime } from '../../format.ts'
import { NewEvaluation } from './NewEvaluation.tsx'
import { RemoveEvaluation } from './RemoveEvaluation.tsx'
import { useEvaluationTitle } from './use-title.ts'

/** Answers and pictures that were scored here. */
export function EvaluationsView() {
  const { data, error, refetch } = useQuery(evaluationsQuery)
  const [asking, setAsking] = useState(false)
  const title = useEvaluationTitle()
  const begin = (
    <Button variant="primary" onClick={() => setAsking(true)}>
      <Plus aria-hidden /> Score answers or pictures
    </Button>
  )
  return (
    <Page title="Evaluate" actions={data && data.evaluations.length > 0 && begin}>
      {error ? (
        <ErrorState title="The evaluations could not be read" error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton lines={8} />
      ) : (
        <div className="flex flex-col gap-4">
          {data.unreadable.map(({ id, why }) => (
            <div key={id} className="flex flex-col items-end gap-2">
              <ErrorState className="w-full" title={`Evaluation ${id} cannot be read`} error={new Error(why)} />
              <RemoveEvaluation id={id} title={`evaluation ${id}`} />
            </div>
          ))}
          {data.evaluations.length === 0 ? (
            <EmptyState icon={<ClipboardCheck />} title="Nothing scored yet" actions={begin}>
              Answers to VQAv2, VizWiz, ScienceQA, TextVQA, POPE and MMBench are scored as their authors do, and
              pictures by Fréchet distance, KID, precision and recall and others: those of a run here, or of any other
              system.
            </EmptyState>
          ) : (
            <Panel flush>
              <Table>
                <TableHead>
                  <tr>
                    <HeadCell className="pl-3">What</HeadCell>
                    <HeadCell>Figure</HeadCell>
                    <HeadCell numeric>Value</HeadCell>
                    <HeadCell numeric>Counted</HeadCell>
                    <HeadCell className="pr-3">When</HeadCell>
                  </tr>
                </TableHead>
                <tbody>
                  {data.evaluations.map((one) => (
                    <Row key={one.id} evaluation={one} title={title(one.asked)} />
                  ))}
                </tbody>
              </Table>
            </Panel>
          )}
        </div>
      )}
      {asking && <NewEvaluation onClose={() => setAsking(false)} />}
    </Page>
  )
}

function Row({
  evaluation: { id, createdAt, result, answered, isBeingScored },
  title,
}: {
  evaluation: KeptEvaluation
  title: string
}) {
  const { current } = useScoring()
  const figure = result && headlineOf(result)
  return (
    <tr className="hover:bg-hover">
      <Cell className="pl-3">
        <Link href={`/evaluations/${id}`} className="hover:underline">
          {title}
        </Link>
      </Cell>
      <Cell className="text-muted">
        {figure ? (
          figure.name
        ) : current?.id === id ? (
          <span className="flex items-center gap-2">
            <Progress value={current.share} max={1} label={`Scoring: ${current.words}`} className="w-24" />
            {current.words}
          </span>
        ) : isBeingScored ? (
          'being scored'
        ) : answered ? (
          `not scored yet, ${formatInteger(answered)} questions answered`
        ) : (
          'not scored yet'
        )}
      </Cell>
      <Cell numeric className="font-mono">
        {figure?.value ?? '–'}
      </Cell>
      <Cell numeric>{figure ? formatInteger(figure.count) : '–'}</Cell>
      <Cell className="pr-3 text-muted">{formatTime(createdAt, Date.now())}</Cell>
    </tr>
  )
}

/** The figure that a list shows: of answers the one that tables print, of pictures the first. */
function headlineOf(
  result: NonNullable<KeptEvaluation['result']>,
): { name: string; value: string; count: number } | null {
  if (result.kind === 'answers') {
    const { metric, percent, questions } = result.result.headline
    return { name: `${answerMetrics[metric].label}, %`, value: formatFixed(percent, 2), count: questions }
  }
  const [card] = result.cards
  if (!card) return null
  const { metric, value, count } = card
  return { name: metric, value: typeof value === 'number' ? formatNumber(value) : value, count }
}
