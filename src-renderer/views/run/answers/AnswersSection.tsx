import { useQuery } from '@tanstack/react-query'
import { MessageCircleQuestionMark } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import type { HeldOutAnswer } from '../../../../src-shared/held-out-answers.ts'
import { useParam } from '../../../address.ts'
import { answersQuery } from '../../../api/multimodal-queries.ts'
import { useInspector } from '../../../components/inspector.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../../components/states.tsx'
import { Segmented } from '../../../components/tabs.tsx'
import { formatInteger } from '../../../format.ts'
import { Explanation } from '../multimodal/WithModel.tsx'
import { StepSlider } from '../StepSlider.tsx'
import { nearestStep } from '../steps.ts'
import { AnswerCard } from './AnswerCard.tsx'
import { AnswerTable } from './AnswerTable.tsx'
import { answerKey, summarise } from './answer-summary.ts'
import { SummaryTable } from './SummaryTable.tsx'
import { ALL_TASKS, TaskSelect } from './TaskSelect.tsx'

const WHICH = [
  { value: 'all', label: 'All' },
  { value: 'wrong', label: 'Wrong' },
  { value: 'right', label: 'Right' },
] as const

/** What the model said to held-out questions, with what it would have said without a look at the picture. */
export function AnswersSection({ run }: { run: RunDetail }) {
  const [wanted, setWanted] = useState<number | null>(null)
  const [task, setTask] = useParam('task', ALL_TASKS)
  const [whichText, setWhich] = useParam('which', 'all')
  const [chosen, setChosen] = useParam('answer', '')
  const step = nearestStep(run.answerSteps, wanted)
  const query = useQuery(answersQuery(run.id, step))
  const answers = query.data?.answers
  const summary = useMemo(() => summarise(answers ?? []), [answers])
  const which = WHICH.find(({ value }) => value === whichText)?.value ?? 'all'
  const shown = useMemo(
    () =>
      (answers ?? []).filter(
        (one) => (task === ALL_TASKS || one.task === task) && (which === 'all' || one.right === (which === 'right')),
      ),
    [answers, task, which],
  )
  const selected = answers?.find((one) => answerKey(one) === chosen) ?? null
  useInspector(selected ? <AnswerCard key={chosen} run={run} answer={selected} /> : null)
  if (step === null)
    return (
      <EmptyState icon={<MessageCircleQuestionMark />} title="Nothing asked yet">
        {`The model is asked held-out questions at each evaluation of its second stage, which begins at step ${formatInteger(run.config.training.steps)}.`}
      </EmptyState>
    )
  if (query.isError)
    return (
      <ErrorState
        title={`The answers of step ${formatInteger(step)} could not be read`}
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    )
  if (!answers) return <Skeleton lines={8} />
  const choose = (one: HeldOutAnswer) => setChosen(answerKey(one) === chosen ? '' : answerKey(one))
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <Explanation>
          The same held-out questions at every evaluation. An answer is right if greedy decoding writes it exactly. What
          is right without the picture is guessed from the words of the question alone.
        </Explanation>
        <StepSlider steps={run.answerSteps} step={step} onStep={setWanted} loading={query.isFetching} what="Answers" />
      </div>
      <SummaryTable summary={summary} />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <TaskSelect tasks={summary.map((one) => one.task)} value={task} onChange={setTask} />
        <Segmented label="Which answers" value={which} onChange={setWhich} options={[...WHICH]} />
        <span className="text-xs text-muted tabular-nums">
          {formatInteger(shown.length)} of {formatInteger(answers.length)} answers
        </span>
      </div>
      {shown.length === 0 ? (
        <EmptyState icon={<MessageCircleQuestionMark />} title="No such answer">
          Choose another task, or all answers.
        </EmptyState>
      ) : (
        <AnswerTable answers={shown} chosen={chosen} onChoose={choose} />
      )}
    </div>
  )
}
