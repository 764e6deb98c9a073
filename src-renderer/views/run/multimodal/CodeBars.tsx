import { cn } from '../../../components/class-names.ts'
import { formatProbability } from '../../../format.ts'
import type { CodeNames } from '../../../pictures/code-names.ts'

export interface CodeBar {
  /** Its number, as the services of the second stage give it. */
  code: number
  probability: number
  /** What is special about it: "painted", "true". */
  word?: string
}

/** Codes with their probabilities as bars; with `onChoose` one of them can be taken. */
export function CodeBars({
  bars,
  names,
  label,
  chosen = null,
  onChoose,
}: {
  bars: readonly CodeBar[]
  names: CodeNames
  label: string
  chosen?: number | null
  onChoose?: (code: number) => void
}) {
  const most = bars.reduce((a, { probability }) => Math.max(a, probability), 0) || 1
  const content = ({ code, probability, word }: CodeBar) => (
    <>
      <span
        aria-hidden
        className="absolute bottom-0 left-0 h-[3px] rounded-r-sm bg-accent"
        style={{ width: `${(100 * (Number.isFinite(probability) ? probability : 0)) / most}%` }}
      />
      <span className="relative w-11 shrink-0 text-right font-mono text-muted">{code}</span>
      <span className="relative min-w-0 flex-1 truncate text-left font-mono">{names.tokenText(code)}</span>
      {word && <span className="relative shrink-0 text-xs text-muted">{word}</span>}
      <span className="relative w-14 shrink-0 text-right font-mono">{formatProbability(probability)}</span>
    </>
  )
  const row = 'relative flex h-7 w-full items-center gap-2 rounded-sm px-1 text-sm'
  if (!onChoose)
    return (
      <ul aria-label={label} className="flex flex-col">
        {bars.map((bar) => (
          <li key={bar.code} className={row}>
            {content(bar)}
          </li>
        ))}
      </ul>
    )
  return (
    <div role="radiogroup" aria-label={label} className="flex flex-col">
      {bars.map((bar) => (
        // biome-ignore lint/a11y/useSemanticElements: a radio input cannot hold a bar and words
        <button
          key={bar.code}
          type="button"
          role="radio"
          aria-checked={bar.code === chosen}
          onClick={() => onChoose(bar.code)}
          className={cn(row, 'hover:bg-hover aria-checked:outline-2 aria-checked:outline-accent')}
        >
          {content(bar)}
        </button>
      ))}
    </div>
  )
}
