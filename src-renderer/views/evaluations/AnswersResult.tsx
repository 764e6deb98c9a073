import { useQuery } from '@tanstack/react-query'
import { ChevronLeft, ChevronRight, ListX } from 'lucide-react'
import { useMemo } from 'react'
import { type AnswerResult, answerMetrics, warningText } from '../../../src-shared/answer-results.ts'
import { type AskedEvaluation, type QuestionFilter, questionFilters } from '../../../src-shared/kept-evaluations.ts'
import { useNumberParam, useParam } from '../../address.ts'
import { questionsQuery } from '../../api/evaluation-queries.ts'
import { runsQuery } from '../../api/queries.ts'
import { IconButton } from '../../components/button.tsx'
import { useInspector } from '../../components/inspector.tsx'
import { MetricCardLines } from '../../components/metric-cards.tsx'
import { Panel } from '../../components/panel.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx'
import { Cell, HeadCell, Table, TableHead } from '../../components/table.tsx'
import { Segmented } from '../../components/tabs.tsx'
import { formatFixed, formatInteger } from '../../format.ts'
import { AS_IT_IS, QuestionCard } from './QuestionCard.tsx'
import { QuestionTable } from './QuestionTable.tsx'

const PAGE = 100
const LABELS: Readonly<Record<QuestionFilter, string>> = {
  ...{ all: 'All', wrong: 'Wrong', partly: 'Partly right', right: 'Right', unanswered: 'No answer' },
}

/** Figures of answers to a benchmark, and every question with its picture. */
export function AnswersResult({ id, asked, result }: { id: string; asked: AskedEvaluation; result: AnswerResult }) {
  const [whichText, setWhich] = useParam('which', 'all')
  const [from, setFrom] = useNumberParam('from')
  const [place, setPlace] = useNumberParam('question')
  const answerer = asked.kind === 'answers' && asked.by.kind === 'run' ? asked.by.run : AS_IT_IS
  const [as, setAs] = useParam('as', answerer)
  const which = questionFilters.find((filter) => filter === whichText) ?? 'all'
  const first = from ?? 0
  const { data, error, refetch } = useQuery(questionsQuery({ id, which, from: first, count: PAGE }))
  const { data: runs } = useQuery(runsQuery)
  const readers = useMemo(() => (runs ?? []).filter(({ latest }) => 'multimodal.loss' in latest), [runs])
  const question = data?.questions.find((one) => one.place === place) ?? null
  const run = readers.some((one) => one.id === as) ? as : AS_IT_IS
  useInspector(
    question ? (
      <QuestionCard key={question.place} evaluation={id} question={question} runs={readers} run={run} onRun={setAs} />
    ) : (
      <MetricCardLines card={result.card} />
    ),
  )
  const total = data?.counts[which] ?? 0
  return (
    <div className="flex flex-col gap-4">
      {result.warnings.length > 0 && (
        <ul className="flex flex-col gap-1 rounded-lg border border-warn/40 px-3 py-2 text-sm text-warn">
          {result.warnings.map((warning) => (
            <li key={warning.message}>{warningText(warning)}</li>
          ))}
        </ul>
      )}
      <Panel
        title="Figures"
        hint={`${formatInteger(result.answered)} of ${formatInteger(result.questions)} questions answered`}
        flush
      >
        <div className="max-h-72 overflow-y-auto">
          <Table>
            <TableHead>
              <tr>
                <HeadCell className="pl-3">Figure</HeadCell>
                <HeadCell>Of</HeadCell>
                <HeadCell numeric>%</HeadCell>
                <HeadCell numeric className="pr-3">
                  Questions
                </HeadCell>
              </tr>
            </TableHead>
            <tbody>
              {result.figures.map(({ metric, by, group, percent, questions }) => (
                <tr key={`${metric} ${by} ${group}`} title={answerMetrics[metric].definition}>
                  <Cell className="pl-3">{answerMetrics[metric].label}</Cell>
                  <Cell className="text-muted">{[by, group].filter((word) => word !== '').join(': ') || 'all'}</Cell>
                  <Cell numeric className="font-mono">
                    {formatFixed(percent, 2)}
                  </Cell>
                  <Cell numeric className="pr-3">
                    {formatInteger(questions)}
                  </Cell>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      </Panel>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Segmented
          label="Which questions"
          value={which}
          onChange={(value) => {
            setWhich(value)
            setFrom(null)
          }}
          options={questionFilters.map((value) => ({
            value,
            label: data ? `${LABELS[value]} ${formatInteger(data.counts[value])}` : LABELS[value],
          }))}
        />
        {total > PAGE && (
          <div className="flex items-center gap-2 text-xs text-muted tabular-nums">
            <IconButton
              label="Questions before"
              disabled={first === 0}
              onClick={() => setFrom(Math.max(0, first - PAGE) || null)}
            >
              <ChevronLeft aria-hidden />
            </IconButton>
            {formatInteger(first + 1)} to {formatInteger(Math.min(total, first + PAGE))} of {formatInteger(total)}
            <IconButton label="Questions after" disabled={first + PAGE >= total} onClick={() => setFrom(first + PAGE)}>
              <ChevronRight aria-hidden />
            </IconButton>
          </div>
        )}
      </div>
      {error ? (
        <ErrorState title="The questions could not be read" error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton lines={8} />
      ) : data.questions.length === 0 ? (
        <EmptyState icon={<ListX />} title="No such question">
          Choose others above.
        </EmptyState>
      ) : (
        <QuestionTable
          questions={data.questions}
          chosen={place}
          onChoose={(next) => setPlace(next === place ? null : next)}
        />
      )}
    </div>
  )
}
