import { CornerDownRight, LoaderCircle } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { fileName } from '../../../charts/save-picture.ts'
import { cn } from '../../../components/class-names.ts'
import { formatFixed } from '../../../format.ts'
import type { StudioModel } from '../multimodal/WithModel.tsx'
import { describeSettings } from './describe-settings.ts'
import { PaintedPicture } from './PaintedPicture.tsx'
import type { Answer } from './speech.ts'
import type { Origin } from './use-conversation.ts'

/** A painted code that is looked at: which part of the answer it is in, and its place in the token order. */
export interface CodeInAnswer {
  part: number
  place: number
}

/** One answer of several: its text and pictures as they come. */
export function AnswerCard({
  model,
  answer,
  number,
  origin,
  state,
  paints,
  pointed,
  choice,
  onPoint,
  onPick,
}: {
  model: StudioModel
  answer: Answer
  /** From 1. */
  number: number
  origin: Origin | null
  state: 'answering' | 'stopped' | 'ended'
  /** It is to be a picture, whose room is kept free. */
  paints: boolean
  pointed: CodeInAnswer | null
  /** Taking this answer as the one that the conversation goes on from; null: it is the only one. */
  choice: { chosen: boolean; onChoose: () => void } | null
  onPoint: (code: CodeInAnswer | null) => void
  onPick: (code: CodeInAnswer) => void
}) {
  const { end } = answer
  const card = useRef<HTMLElement>(null)
  useEffect(() => {
    card.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <article
      ref={card}
      aria-label={`Answer ${number}`}
      className={cn(
        'flex min-w-0 flex-col rounded-lg border bg-surface',
        paints && state === 'answering' && 'min-h-70',
        choice?.chosen ? 'border-accent' : 'border-line',
      )}
    >
      <header className="flex h-8 shrink-0 items-center gap-2 border-b border-line px-3 text-xs text-muted">
        <span className="font-semibold text-text">Answer {number}</span>
        {origin && (
          <span title={describeSettings(origin.settings, true)} className="flex items-center gap-1">
            <CornerDownRight aria-hidden className="size-3" />
            from answer {origin.answer + 1}, code {origin.place + 1}
          </span>
        )}
        <span className="ml-auto flex items-center gap-1.5 tabular-nums">
          {end ? (
            <>
              {end.reason === 'full' && <span className="text-warn">cut off: its tokens were used up</span>}
              {formatFixed(end.seconds, 1)} s
            </>
          ) : state === 'answering' ? (
            <>
              <LoaderCircle aria-hidden className="size-3.5 animate-spin" /> answers
            </>
          ) : (
            state === 'stopped' && 'stopped'
          )}
        </span>
        {choice && (
          <button
            type="button"
            aria-pressed={choice.chosen}
            onClick={choice.onChoose}
            className="rounded-sm px-1.5 py-0.5 font-medium hover:bg-hover aria-pressed:bg-accent-soft aria-pressed:text-accent"
          >
            {choice.chosen ? 'goes on from this' : 'go on from this'}
          </button>
        )}
      </header>
      <div className="flex flex-col gap-2 p-3" aria-live="polite" aria-busy={end === null && state === 'answering'}>
        {answer.parts.map((part, index) =>
          part.kind === 'text' ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: parts only get added at the end
            <p key={index} className="text-base break-words whitespace-pre-wrap">
              {part.text}
            </p>
          ) : (
            <PaintedPicture
              // biome-ignore lint/suspicious/noArrayIndexKey: parts only get added at the end
              key={index}
              model={model}
              part={part}
              name={fileName(model.run.name, `answer ${number}`)}
              pointed={pointed?.part === index ? pointed.place : null}
              onPoint={(place) => onPoint(place === null ? null : { part: index, place })}
              onPick={(place) => onPick({ part: index, place })}
            />
          ),
        )}
        {answer.parts.length === 0 && (
          <p className="text-sm text-faint">
            {end
              ? 'The model ended its answer at once.'
              : state === 'answering'
                ? 'Reads the question …'
                : 'No answer.'}
          </p>
        )}
      </div>
    </article>
  )
}
