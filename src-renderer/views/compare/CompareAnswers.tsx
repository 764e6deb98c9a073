import { useQueries } from '@tanstack/react-query'
import { MessageCircleQuestionMark } from 'lucide-react'
import { useMemo } from 'react'
import { type AnsweredArm, compareAnswers } from '../../../src-shared/answer-comparison.ts'
import type { RunDetail } from '../../../src-shared/contract/runs.ts'
import { taskNames } from '../../../src-shared/multimodal.ts'
import { taskLabel } from '../../../src-shared/multimodal-metrics.ts'
import { useParam } from '../../address.ts'
import { answersQuery } from '../../api/multimodal-queries.ts'
import { useStableList } from '../../charts/use-stable-list.ts'
import { cn } from '../../components/class-names.ts'
import { Panel } from '../../components/panel.tsx'
import { Select } from '../../components/select.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx'
import { Cell, HeadCell, Table, TableHead } from '../../components/table.tsx'
import { formatInteger, formatPercent, formatSigned } from '../../format.ts'
import { Explanation } from '../run/multimodal/WithModel.tsx'
import { AnsweredQuestions } from './AnsweredQuestions.tsx'
import type { AnsweredRunDetail } from './answered-run.ts'
import { armsOf } from './arms.ts'

/** What the chosen runs said to the same held-out questions, and whether one says more right things than another. */
export function CompareAnswers({ runs }: { runs: readonly RunDetail[] }) {
  const asked = useMemo(() => runs.filter(({ answerSteps }) => answerSteps.length > 0), [runs])
  const queries = useQueries({ queries: asked.map((run) => answersQuery(run.id, run.answerSteps.at(-1) ?? null)) })
  const failed = queries.findIndex(({ isError }) => isError)
  const said = useStableList(queries.map(({ data }) => data?.answers ?? null))
  const answered = useMemo(
    () =>
      asked.flatMap((run, at) => {
        const answers = said[at]
        return answers ? [{ run, answers }] : []
      }),
    [asked, said],
  )
  if (asked.length < 2)
    return (
      <EmptyState icon={<MessageCircleQuestionMark />} title="Fewer than two runs that answer">
        Runs with a second stage are asked held-out questions at each of its evaluations. Choose two of them, and their
        answers are compared here question by question.
      </EmptyState>
    )
  if (failed >= 0)
    return (
      <ErrorState
        title={`The answers of ${asked[failed]?.name} could not be read`}
        error={queries[failed]?.error}
        onRetry={() => void queries[failed]?.refetch()}
      />
    )
  if (answered.length < asked.length) return <Skeleton lines={8} />
  return (
    <div className="flex flex-col gap-4">
      <Explanation>
        The answers of each run’s last evaluation. Systems are compared on the questions that both were asked, seed by
        seed where they have several: questions that are easy or hard for both cancel out, which shares side by side do
        not tell.
      </Explanation>
      <Differences runs={answered} />
      <AnsweredQuestions runs={answered} />
      {asked.length < runs.length && (
        <p className="text-xs text-muted">
          {formatInteger(runs.length - asked.length)} of the {formatInteger(runs.length)} chosen runs have answered
          nothing and are left out.
        </p>
      )}
    </div>
  )
}

const VERDICTS = {
  larger: 'larger than noise',
  within: 'not larger than noise',
  unknown: 'one question says nothing',
} as const

const points = (value: number): string => formatSigned(100 * value, 1)

/** Each system against the one that is chosen, task by task. */
function Differences({ runs }: { runs: readonly AnsweredRunDetail[] }) {
  const arms = useMemo(() => answeredArms(runs), [runs])
  const [wanted, setBaseline] = useParam('against', '')
  const baseline = arms.find(({ label }) => label === wanted) ?? arms[0]
  const rows = useMemo(
    () =>
      arms
        .flatMap((arm) =>
          !baseline || arm.label === baseline.label
            ? []
            : compareAnswers(arm, baseline).map((comparison) => ({ label: arm.label, ...comparison })),
        )
        .sort((a, b) => taskNames.indexOf(a.task) - taskNames.indexOf(b.task)),
    [arms, baseline],
  )
  return (
    <Panel
      title="Right answers, question by question"
      hint="difference in points, 95 % paired bootstrap"
      flush
      actions={
        <Select
          label="Compared with"
          value={baseline?.label ?? ''}
          onChange={setBaseline}
          options={arms.map(({ label }) => ({ value: label, label: `against ${label}` }))}
          className="max-w-72"
        />
      }
    >
      {rows.length === 0 ? (
        <p className="p-3 text-sm text-muted">
          {arms.length < 2
            ? 'All chosen runs are of one arm. Choose runs of another.'
            : 'No two systems were asked the same questions under the same seeds.'}
        </p>
      ) : (
        <div className="overflow-x-auto">
          <Table>
            <TableHead>
              <tr>
                <HeadCell className="pl-3">Task</HeadCell>
                <HeadCell>System</HeadCell>
                <HeadCell numeric>Right</HeadCell>
                <HeadCell numeric>Against</HeadCell>
                <HeadCell numeric>Difference</HeadCell>
                <HeadCell numeric>Questions</HeadCell>
                <HeadCell numeric>Seeds</HeadCell>
                <HeadCell>In words</HeadCell>
              </tr>
            </TableHead>
            <tbody>
              {rows.map(({ label, task, a, b, difference, questions, seeds, verdict, sentence }) => (
                <tr key={`${task} ${label}`} className="hover:bg-hover">
                  <Cell className="pl-3 whitespace-nowrap">{taskLabel(task)}</Cell>
                  <Cell className="max-w-52 truncate">{label}</Cell>
                  <Cell numeric>{formatPercent(a, 1)}</Cell>
                  <Cell numeric className="text-muted">
                    {formatPercent(b, 1)}
                  </Cell>
                  <Cell numeric className="whitespace-nowrap">
                    <span className={cn('font-medium', verdict === 'larger' && (a > b ? 'text-ok' : 'text-danger'))}>
                      {points(a - b)}
                    </span>{' '}
                    {difference && (
                      <span className="text-xs text-muted">
                        {points(difference.low)} to {points(difference.high)}
                      </span>
                    )}
                  </Cell>
                  <Cell numeric>{formatInteger(questions)}</Cell>
                  <Cell numeric>{formatInteger(seeds)}</Cell>
                  <Cell className={cn('whitespace-nowrap', verdict === 'larger' ? '' : 'text-muted')}>
                    <span title={sentence}>{VERDICTS[verdict]}</span>
                  </Cell>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </Panel>
  )
}

/** Runs as systems: by arm where all are of one ablation, else each by itself, told apart by its name or, failing that, its id. */
function answeredArms(runs: readonly AnsweredRunDetail[]): AnsweredArm[] {
  const answersOf = (id: string) => runs.find(({ run }) => run.id === id)?.answers ?? []
  const arms = armsOf(runs.map(({ run }) => run))
  const single = (run: RunDetail) => {
    const isOnly = runs.filter((other) => other.run.name === run.name).length === 1
    return { label: isOnly ? run.name : `${run.name} ${run.id.slice(-6)}`, runs: [run] }
  }
  return (arms ?? runs.map(({ run }) => single(run))).map((arm) => ({
    label: arm.label,
    runs: arm.runs.map(({ id, seed }) => ({ seed, answers: answersOf(id) })),
  }))
}
