import { type KeyboardEvent, memo, useState } from 'react'
import type { ShownPosition } from '../../../../src-shared/contract/multimodal.ts'
import { cn } from '../../../components/class-names.ts'
import { useRunColour } from '../../../theme.ts'
import { describePosition, lookOf, shownText, type TokenLook, tokenRuns } from './token-runs.ts'

/** What is learned is underlined and heavier, so that it is told apart without colours. */
export const LEARNED = 'font-semibold underline decoration-2 underline-offset-4'
export const LOOKS: Record<TokenLook, string> = {
  prompt: 'text-muted',
  answer: 'rounded-sm bg-ok-soft text-ok',
  code: 'rounded-sm border border-line-strong bg-surface',
  cell: 'rounded-sm border border-dashed border-line-strong bg-sunken text-muted',
  features: 'rounded-sm border border-dotted border-line-strong bg-sunken text-muted',
}

/** A sequence token by token. It is one stop of the Tab key; arrow keys go from token to token. */
export const TokenSequence = memo(function TokenSequence({
  label,
  positions,
  ids,
}: {
  label: string
  positions: readonly ShownPosition[]
  /** Show the id under each token. */
  ids: boolean
}) {
  const [hovered, setHovered] = useState<number | null>(null)
  const [focused, setFocused] = useState<number | null>(null)
  const pointed = hovered ?? focused
  const key = (event: KeyboardEvent) => {
    const last = positions.length - 1
    const from = focused ?? -1
    const to = { ArrowRight: from + 1, ArrowLeft: from - 1, Home: 0, End: last }[event.key]
    if (event.key === 'Escape') setFocused(null)
    else if (to !== undefined) setFocused(Math.min(last, Math.max(0, to)))
    else return
    event.preventDefault()
  }
  const shown = pointed === null ? undefined : positions[pointed]
  return (
    <div>
      <div
        role="img"
        aria-label={`${label}. Arrow keys go from token to token.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the sequence is read with the arrow keys
        tabIndex={0}
        onKeyDown={key}
        onBlur={() => setFocused(null)}
        onPointerMove={(event) => {
          const token = (event.target as Element).closest('[data-position]')
          setHovered(token ? Number(token.getAttribute('data-position')) : null)
        }}
        onPointerLeave={() => setHovered(null)}
        className={cn('font-mono text-sm break-words', ids ? 'leading-10' : 'leading-7')}
      >
        {tokenRuns(positions).map((run) => (
          <span key={run.from} className={cn(run.kind === 'picture' && 'my-1 block leading-7')}>
            {run.positions.map((position, at) => (
              <Token
                // biome-ignore lint/suspicious/noArrayIndexKey: a position is its place
                key={run.from + at}
                position={position}
                index={run.from + at}
                ids={ids}
                pointed={pointed === run.from + at}
              />
            ))}
          </span>
        ))}
      </div>
      <p className="mt-1 h-5 truncate text-xs text-muted" aria-live="polite">
        {shown && pointed !== null ? (
          describePosition(shown, pointed)
        ) : (
          <span className="text-faint">Point at a token for its id.</span>
        )}
      </p>
    </div>
  )
})

const Token = memo(function Token({
  position,
  index,
  ids,
  pointed,
}: {
  position: ShownPosition
  index: number
  ids: boolean
  pointed: boolean
}) {
  const colour = useRunColour()
  const { kind, token, text, learned, layer, cell } = position
  const isVector = kind === 'cell' || kind === 'features'
  return (
    <>
      <span
        data-position={index}
        className={cn(
          'relative mr-0.5 inline-block max-w-28 truncate px-0.5 align-bottom leading-5',
          LOOKS[lookOf(position)],
          learned && LEARNED,
          pointed && 'outline-2 outline-accent',
        )}
        style={kind === 'code' ? { borderLeft: `3px solid ${colour(layer)}` } : undefined}
      >
        {kind === 'code' && <sub className="mr-0.5 text-2xs text-faint">{layer}</sub>}
        {isVector ? `▦ ${cell}` : shownText(text)}
        {ids && (
          <span className="block text-2xs leading-3 font-normal text-faint no-underline">{isVector ? '–' : token}</span>
        )}
      </span>
      {kind === 'text' && text.includes('\n') && <br />}
    </>
  )
})
