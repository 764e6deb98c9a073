import type { KeyboardEvent } from 'react'
import type { PaperCellView, PaperColumnView } from '../../../src-shared/contract/paper.ts'
import { importedText, measuredText } from '../../../src-shared/paper/figure-text.ts'
import { cn } from '../../components/class-names.ts'
import { SeedStrip } from './SeedStrip.tsx'

/** One cell: published on the first line, below it what stands here, and whether the two can be compared. */
export function PaperCell({
  cell,
  column,
  label,
  domain,
  place,
  selected,
  onClick,
}: {
  cell: PaperCellView
  column: PaperColumnView
  label: string
  /** Lowest and highest value of the column. */
  domain: readonly [number, number] | null
  /** "row,column", by which arrow keys find it. */
  place: string
  selected: boolean
  onClick: () => void
}) {
  const { published, publishedBest, measured, fact, imported, incomparable } = cell
  const here = measured && column.measure ? measuredText(measured, column.measure) : null
  const told = [
    column.own ? null : `published ${published ?? 'nothing'}`,
    here && `measured ${here}, ${measured?.n} ${measured?.n === 1 ? 'seed' : 'seeds'}`,
    fact && `here ${fact}`,
    ...imported.map(({ value, source }) => `imported ${importedText(value)} of ${source}`),
    here && incomparable.length > 0 && 'not comparable',
  ].filter(Boolean)
  return (
    <button
      type="button"
      data-place={place}
      aria-label={`${label}: ${told.join('; ') || 'nothing'}`}
      aria-pressed={selected}
      onClick={onClick}
      onKeyDown={moveBetweenCells}
      className={cn(
        'flex h-full min-h-11 w-full min-w-21 flex-col items-end gap-px px-2.5 py-2 text-right focus-visible:outline-offset-[-2px]',
        selected ? 'bg-accent-soft' : 'hover:bg-hover',
      )}
    >
      {!column.own && (
        <span
          className={cn(
            'font-mono text-sm leading-5 whitespace-nowrap',
            publishedBest ? 'font-semibold' : published === null && 'text-faint',
          )}
        >
          {published ?? '–'}
        </span>
      )}
      {fact !== null && <span className="font-mono text-xs whitespace-nowrap text-accent">{fact}</span>}
      {here !== null && measured && (
        <>
          <span className={cn('font-mono text-xs whitespace-nowrap text-accent', measured.best && 'font-semibold')}>
            {here}
          </span>
          {domain && <SeedStrip figure={measured} domain={domain} />}
          {incomparable.length > 0 && (
            <span
              title={incomparable.map(({ words }) => words).join(' ')}
              className="text-2xs leading-3 whitespace-nowrap text-faint"
            >
              not comparable
            </span>
          )}
        </>
      )}
      {imported.map(({ id, value, source }) => (
        <span key={id} title={source} className="font-mono text-xs whitespace-nowrap text-ok">
          {importedText(value)} <span className="font-sans text-2xs">imported</span>
        </span>
      ))}
    </button>
  )
}

const steps: Record<string, [down: number, right: number]> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
}

function moveBetweenCells(event: KeyboardEvent<HTMLElement>): void {
  const step = steps[event.key]
  const place = event.currentTarget.dataset.place?.split(',').map(Number)
  if (!step || !place) return
  const next = `${(place[0] ?? 0) + step[0]},${(place[1] ?? 0) + step[1]}`
  const cell = event.currentTarget.closest('table')?.querySelector<HTMLElement>(`[data-place="${next}"]`)
  if (!cell) return
  event.preventDefault()
  cell.focus()
}
