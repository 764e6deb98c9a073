import { useVirtualizer } from '@tanstack/react-virtual'
import { Check, MessageCircleQuestionMark, X } from 'lucide-react'
import { useMemo, useRef } from 'react'
import { taskLabel } from '../../../src-shared/multimodal-metrics.ts'
import { useParam } from '../../address.ts'
import { LineSwatch } from '../../charts/CurveChart.tsx'
import { runDash } from '../../colours.ts'
import { cn } from '../../components/class-names.ts'
import { EmptyState } from '../../components/states.tsx'
import { Segmented } from '../../components/tabs.tsx'
import { formatInteger } from '../../format.ts'
import { useRunColour } from '../../theme.ts'
import { questionText } from '../run/answers/answer-summary.ts'
import { ALL_TASKS, TaskSelect } from '../run/answers/TaskSelect.tsx'
import type { AnsweredRunDetail } from './answered-run.ts'
import { sharedQuestions } from './shared-questions.ts'

const ROW = 32
const WHICH = [
  { value: 'differ', label: 'Where they differ' },
  { value: 'all', label: 'All' },
] as const

/** The questions that all chosen runs were asked, with what each of them said. */
export function AnsweredQuestions({ runs }: { runs: readonly AnsweredRunDetail[] }) {
  const colour = useRunColour()
  const [task, setTask] = useParam('task', ALL_TASKS)
  const [whichText, setWhich] = useParam('which', 'differ')
  const which = WHICH.find(({ value }) => value === whichText)?.value ?? 'differ'
  const all = useMemo(() => sharedQuestions(runs.map(({ answers }) => answers)), [runs])
  const tasks = useMemo(() => [...new Set(all.map((one) => one.task))], [all])
  const shown = useMemo(
    () => all.filter((one) => (task === ALL_TASKS || one.task === task) && (which === 'all' || one.differs)),
    [all, task, which],
  )
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
  })
  const columns = {
    gridTemplateColumns: `9rem minmax(16rem, 5fr) minmax(9rem, 3fr) repeat(${runs.length}, minmax(10rem, 3fr))`,
  }
  const line = 'grid items-center gap-x-3 px-3 border-b border-line'
  return (
    <section aria-label="Questions" className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <TaskSelect tasks={tasks} value={task} onChange={setTask} />
        <Segmented label="Which questions" value={which} onChange={setWhich} options={[...WHICH]} />
        <span className="text-xs text-muted tabular-nums">
          {formatInteger(shown.length)} of {formatInteger(all.length)} questions that the {formatInteger(runs.length)}{' '}
          runs were asked
        </span>
      </div>
      {shown.length === 0 ? (
        <EmptyState icon={<MessageCircleQuestionMark />} title="No such question">
          {all.length === 0
            ? 'These runs were not asked the same questions: their data, split seed or tasks differ.'
            : 'All runs are right at the same questions here. Choose another task, or all questions.'}
        </EmptyState>
      ) : (
        <div ref={scroller} className="max-h-[28rem] overflow-auto rounded-lg border border-line bg-surface text-sm">
          <table aria-label="Answers of all runs" aria-rowcount={shown.length + 1} className="block w-max min-w-full">
            <thead className="sticky top-0 z-1 block bg-surface">
              <tr className={cn(line, 'h-8 text-left text-xs text-muted')} style={columns}>
                {['Task', 'Question', 'Right answer'].map((name) => (
                  <th key={name} className="font-medium">
                    {name}
                  </th>
                ))}
                {runs.map(({ run }) => (
                  <th key={run.id} title={run.name} className="flex min-w-0 items-center gap-1.5 font-medium">
                    <LineSwatch colour={colour(run.colour)} dash={runDash(run.colour)} />
                    <span className="truncate">{run.name}</span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody className="relative block" style={{ height: virtual.getTotalSize() }}>
              {virtual.getVirtualItems().map(({ index, start }) => {
                const one = shown[index] as (typeof shown)[number]
                return (
                  <tr
                    key={one.key}
                    aria-rowindex={index + 2}
                    style={{ ...columns, transform: `translateY(${start}px)`, height: ROW }}
                    className={cn(line, 'absolute inset-x-0 hover:bg-hover')}
                  >
                    <td className="truncate text-muted">{taskLabel(one.task)}</td>
                    <td className="truncate" title={questionText(one.question)}>
                      {questionText(one.question)}
                    </td>
                    <td className="truncate">{one.answer}</td>
                    {one.said.map(({ said, right }, at) => (
                      <td key={runs[at]?.run.id} className="flex min-w-0 items-center gap-1.5">
                        {right ? (
                          <Check aria-label="right" className="size-4 shrink-0 text-ok" />
                        ) : (
                          <X aria-label="wrong" className="size-4 shrink-0 text-danger" />
                        )}
                        <span className={cn('truncate', right ? 'text-ok' : 'text-danger')}>{said || '(nothing)'}</span>
                      </td>
                    ))}
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
