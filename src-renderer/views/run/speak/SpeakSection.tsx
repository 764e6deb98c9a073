import { MessagesSquare } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import { useInspector } from '../../../components/inspector.tsx'
import { EmptyState } from '../../../components/states.tsx'
import { formatProbability } from '../../../format.ts'
import { Explanation, type StudioModel, WithModel } from '../multimodal/WithModel.tsx'
import { ClassComposer } from './ClassComposer.tsx'
import { CodeChoice } from './CodeChoice.tsx'
import { Composer } from './Composer.tsx'
import { SpeakSettings } from './SpeakSettings.tsx'
import { continuedFrom, type PaintedCode } from './speech.ts'
import { firstFields, readFields } from './speech-fields.ts'
import { type CodeInTurn, TurnView } from './TurnView.tsx'
import { ask, chooseAnswer, continuePicture, stopAnswer, takeBack, useConversation } from './use-conversation.ts'

/** Talking with the model of a run, which reads pictures and paints them code by code; or painting with its prior. */
export const SpeakSection = ({ run }: { run: RunDetail }) => (
  <WithModel run={run}>{(model) => <Speak model={model} />}</WithModel>
)

interface CodeInConversation extends CodeInTurn {
  turn: number
}

function Speak({ model }: { model: StudioModel }) {
  const { run, abilities, names } = model
  const { prior } = abilities
  const { turns, answering } = useConversation(run.id)
  const [fields, setFields] = useState(() => firstFields(Math.min(64, abilities.context)))
  const [hovered, setHovered] = useState<CodeInConversation | null>(null)
  const [pinned, setPinned] = useState<CodeInConversation | null>(null)
  const { settings, answers, problems } = useMemo(() => readFields(fields), [fields])
  const shown = codeIn(turns, hovered) ?? codeIn(turns, pinned)
  const isPinned = shown !== null && codeIn(turns, hovered) === null

  useInspector(
    <>
      {shown && (
        <CodeChoice
          painted={shown.painted}
          place={shown.place}
          sides={abilities.sides}
          names={names}
          pinned={isPinned}
          cannotContinue={
            answering !== null
              ? 'Painting can go on from here once the present answer has ended.'
              : shown.part > 0
                ? 'Painting goes on from pictures that begin their answer; this one comes after something else.'
                : null
          }
          onContinue={(code) => {
            const { turn, answer, place, picture } = shown
            const origin = { answer, place, settings: settings ?? turn.settings }
            continuePicture(run.id, turn, origin, continuedFrom(picture, place, code))
          }}
        />
      )}
      <SpeakSettings
        fields={fields}
        problems={problems}
        onFields={setFields}
        canPaint={abilities.cannotPaint === null}
        speaks={prior === null}
        guides={prior === null || prior.guides}
      />
    </>,
  )

  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto px-5 py-4">
        <Explanation step={abilities.step}>
          {prior
            ? 'The prior paints pictures as codes of the codebook, of a class or of none.'
            : 'The language model answers questions about pictures and paints pictures as codes of the codebook.'}{' '}
          Click a painted code for what else the model held for likely there, and go on from another choice.
        </Explanation>
        {turns.length === 0 && (
          <EmptyState
            icon={<MessagesSquare aria-hidden />}
            title={prior ? 'Nothing painted yet' : 'Nothing said yet'}
            className="py-10"
          >
            {prior
              ? 'Choose a class and paint. Every picture can be drawn several times with other random numbers.'
              : abilities.cannotPaint === null
                ? 'Choose a picture and ask what it shows, or write what to paint. Every answer can be drawn several times with other random numbers.'
                : 'Choose a picture and ask what it shows.'}
          </EmptyState>
        )}
        {turns.map((turn) => (
          <TurnView
            key={turn.key}
            model={model}
            turn={turn}
            answering={answering === turn.key}
            pointed={pointedIn(turn.key, hovered) ?? pointedIn(turn.key, pinned)}
            onPoint={(code) => setHovered(code && { ...code, turn: turn.key })}
            onPick={(code) => setPinned({ ...code, turn: turn.key })}
            onChoose={(answer) => chooseAnswer(run.id, turn.key, answer)}
            onRemove={() => takeBack(run.id, turn.key)}
          />
        ))}
      </div>
      <p className="sr-only" aria-live="polite">
        {shown &&
          `Code ${shown.place + 1}: ${shown.painted.code} ${names.tokenText(shown.painted.code)}, ${formatProbability(shown.painted.probability)}`}
      </p>
      {prior ? (
        <ClassComposer
          classes={prior.classes}
          answering={answering !== null}
          ready={settings !== null}
          guidance={settings?.guidance ?? 1}
          onPaint={(name) => {
            const how = { pictures: [], paints: true, follows: false }
            if (settings) ask(run.id, { question: name, settings, ...how }, answers)
          }}
          onStop={() => stopAnswer(run.id)}
        />
      ) : (
        <Composer
          model={model}
          answering={answering !== null}
          ready={settings !== null}
          hasBefore={turns.length > 0}
          onAsk={(question, how) => {
            if (settings) ask(run.id, { question, settings, ...how }, answers)
          }}
          onStop={() => stopAnswer(run.id)}
        />
      )}
    </div>
  )
}

const pointedIn = (turn: number, code: CodeInConversation | null) => (code?.turn === turn ? code : null)

/** What stands at a code of a conversation; null if it is not there. */
function codeIn(turns: ReturnType<typeof useConversation>['turns'], code: CodeInConversation | null) {
  if (!code) return null
  const turn = turns.find(({ key }) => key === code.turn)
  const picture = turn?.answers[code.answer]?.parts[code.part]
  if (!turn || picture?.kind !== 'picture') return null
  const painted: PaintedCode | undefined = picture.painted[code.place]
  return painted ? { ...code, turn, picture, painted } : null
}
