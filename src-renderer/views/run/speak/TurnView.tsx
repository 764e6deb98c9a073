import { Trash2 } from 'lucide-react'
import { IconButton } from '../../../components/button.tsx'
import { ErrorState } from '../../../components/states.tsx'
import { PixelPicture } from '../../../pictures/PixelPicture.tsx'
import type { StudioModel } from '../multimodal/WithModel.tsx'
import { AnswerCard, type CodeInAnswer } from './AnswerCard.tsx'
import { describeSettings } from './describe-settings.ts'
import { paintedLayout } from './painted-layout.ts'
import type { Turn } from './use-conversation.ts'

/** Of a card around a picture, both sides, borders included. */
const PADDING = 26

/** A painted code of a turn. */
export interface CodeInTurn extends CodeInAnswer {
  answer: number
}

/** A question, and its answers side by side. */
export function TurnView({
  model,
  turn,
  answering,
  pointed,
  onPoint,
  onPick,
  onChoose,
  onRemove,
}: {
  model: StudioModel
  turn: Turn
  answering: boolean
  pointed: CodeInTurn | null
  onPoint: (code: CodeInTurn | null) => void
  onPick: (code: CodeInTurn) => void
  onChoose: (answer: number) => void
  onRemove: () => void
}) {
  const { width } = paintedLayout(model.abilities.sides.length)
  const asked = turn.question === '' ? 'A picture of no class' : turn.question
  return (
    <section aria-label={`Question: ${asked}`} className="flex flex-col gap-2">
      <div className="flex items-start gap-3">
        {turn.pictures.map((one) => (
          <span key={one.picture} title={one.caption}>
            <PixelPicture pixels={one.pixels} size={56} label={one.caption} />
          </span>
        ))}
        <div className="min-w-0 flex-1">
          <p className="text-base font-medium break-words whitespace-pre-wrap">{asked}</p>
          <p className="text-xs text-faint">
            {turn.follows && 'after what was said before · '}
            {describeSettings(turn.settings, turn.paints)}
          </p>
        </div>
        <IconButton label="Take back this question, and those that follow it" size="iconSmall" onClick={onRemove}>
          <Trash2 aria-hidden />
        </IconButton>
      </div>
      {turn.error !== null && <ErrorState title="The model could not answer" error={turn.error} />}
      <div
        className="grid gap-3"
        style={{ gridTemplateColumns: `repeat(auto-fill, minmax(min(100%, ${width + PADDING}px), 1fr))` }}
      >
        {turn.answers.map((answer, index) => (
          <AnswerCard
            // biome-ignore lint/suspicious/noArrayIndexKey: answers only get added at the end
            key={index}
            model={model}
            answer={answer}
            number={index + 1}
            origin={turn.origins[index] ?? null}
            paints={turn.paints || (turn.origins[index] ?? null) !== null}
            state={turn.stopped ? 'stopped' : answering ? 'answering' : 'ended'}
            pointed={pointed?.answer === index ? pointed : null}
            choice={turn.answers.length > 1 ? { chosen: turn.chosen === index, onChoose: () => onChoose(index) } : null}
            onPoint={(code) => onPoint(code && { ...code, answer: index })}
            onPick={(code) => onPick({ ...code, answer: index })}
          />
        ))}
      </div>
    </section>
  )
}
