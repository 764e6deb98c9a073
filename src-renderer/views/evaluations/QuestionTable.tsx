import { Check, CircleSlash, Minus, X } from 'lucide-react'
import { type ListedQuestion, questionKind } from '../../../src-shared/kept-evaluations.ts'
import { cn } from '../../components/class-names.ts'
import { formatFixed } from '../../format.ts'

const COLUMNS = 'grid grid-cols-[1.5rem_8rem_minmax(0,5fr)_minmax(0,3fr)_minmax(0,3fr)_4rem] gap-x-3 px-3'

/** A page of questions as rows of which one can be chosen. */
export const QuestionTable = ({
  questions,
  chosen,
  onChoose,
}: {
  questions: readonly ListedQuestion[]
  /** Place of the chosen one. */
  chosen: number | null
  onChoose: (place: number) => void
}) => (
  <section aria-label="Questions" className="overflow-hidden rounded-lg border border-line bg-surface text-sm">
    <div className={cn(COLUMNS, 'h-8 items-center border-b border-line text-xs font-medium text-muted')}>
      <span />
      <span>Id</span>
      <span>Question</span>
      <span>Right answer</span>
      <span>Answered</span>
      <span className="text-right">Score</span>
    </div>
    <div className="max-h-[30rem] overflow-y-auto">
      {questions.map((one) => (
        <button
          key={one.place}
          type="button"
          aria-pressed={one.place === chosen}
          onClick={() => onChoose(one.place)}
          className={cn(
            COLUMNS,
            'h-8 w-full items-center border-b border-line text-left last:border-b-0 hover:bg-hover',
            one.place === chosen && 'bg-accent-soft',
          )}
        >
          <ScoreMark question={one} />
          <span className="truncate font-mono text-xs text-muted">{one.id}</span>
          <span className="truncate">{one.question}</span>
          <span className="truncate">{truthText(one)}</span>
          <span className={cn('truncate', toneOf(one))}>{one.answer ?? 'no answer'}</span>
          <span className="text-right tabular-nums">{formatFixed(one.score, 2)}</span>
        </button>
      ))}
    </div>
  </section>
)

const LOOKS = {
  unanswered: { Icon: CircleSlash, label: 'no answer', tone: 'text-faint' },
  wrong: { Icon: X, label: 'wrong', tone: 'text-danger' },
  partly: { Icon: Minus, label: 'partly right', tone: 'text-warn' },
  right: { Icon: Check, label: 'right', tone: 'text-ok' },
} as const

function ScoreMark({ question }: { question: ListedQuestion }) {
  const { Icon, label, tone } = LOOKS[questionKind(question)]
  return <Icon aria-label={label} className={cn('size-4', tone)} />
}

export const toneOf = (question: ListedQuestion): string => LOOKS[questionKind(question)].tone

/** What people answered, each once with how many did; a letter with its option. */
export function truthText({ truth, options }: Pick<ListedQuestion, 'truth' | 'options'>): string {
  const counts = new Map<string, number>()
  for (const one of truth) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([text, count]) => {
      const option = options[text.charCodeAt(0) - 65]
      const named = text.length === 1 && option !== undefined ? `${text}: ${option}` : text
      return count > 1 ? `${named} (${count})` : named
    })
    .join(', ')
}
