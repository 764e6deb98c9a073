import { useVirtualizer } from '@tanstack/react-virtual'
import { Check, X } from 'lucide-react'
import { useRef } from 'react'
import type { HeldOutAnswer } from '../../../../src-shared/held-out-answers.ts'
import { taskLabel } from '../../../../src-shared/multimodal-metrics.ts'
import { cn } from '../../../components/class-names.ts'
import { answerKey, questionText } from './answer-summary.ts'

const ROW = 32
const COLUMNS = 'grid grid-cols-[1.5rem_9rem_minmax(0,5fr)_minmax(0,3fr)_minmax(0,3fr)_7rem] gap-x-3 px-3'

/** Answers as rows of which one can be chosen; thousands of them scroll smoothly. */
export function AnswerTable({
  answers,
  chosen,
  onChoose,
}: {
  answers: readonly HeldOutAnswer[]
  chosen: string
  onChoose: (answer: HeldOutAnswer) => void
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: answers.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
  })
  return (
    <section aria-label="Answers" className="overflow-hidden rounded-lg border border-line bg-surface text-sm">
      <div className={cn(COLUMNS, 'h-8 items-center border-b border-line text-xs font-medium text-muted')}>
        <span />
        <span>Task</span>
        <span>Question</span>
        <span>Right answer</span>
        <span>Said</span>
        <span>Without picture</span>
      </div>
      <div ref={scroller} className="max-h-[28rem] overflow-y-auto">
        <div className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const one = answers[index] as HeldOutAnswer
            return (
              <button
                key={answerKey(one)}
                type="button"
                aria-pressed={answerKey(one) === chosen}
                onClick={() => onChoose(one)}
                style={{ transform: `translateY(${start}px)`, height: ROW }}
                className={cn(
                  COLUMNS,
                  'absolute inset-x-0 items-center border-b border-line text-left hover:bg-hover',
                  answerKey(one) === chosen && 'bg-accent-soft',
                )}
              >
                {one.right ? (
                  <Check aria-label="right" className="size-4 text-ok" />
                ) : (
                  <X aria-label="wrong" className="size-4 text-danger" />
                )}
                <span className="truncate text-muted">{taskLabel(one.task)}</span>
                <span className="truncate">{questionText(one.question)}</span>
                <span className="truncate">{one.answer}</span>
                <span className={cn('truncate', one.right ? 'text-ok' : 'text-danger')}>{one.said || '(nothing)'}</span>
                <span className="text-xs text-muted">{one.blind ? 'right as well' : 'wrong'}</span>
              </button>
            )
          })}
        </div>
      </div>
    </section>
  )
}
