import { CircleHelp, Equal, SendHorizontal } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { api } from '../../../api/client.ts'
import { Badge } from '../../../components/badge.tsx'
import { Button } from '../../../components/button.tsx'
import { Input } from '../../../components/input.tsx'
import { Panel } from '../../../components/panel.tsx'
import { ErrorState } from '../../../components/states.tsx'
import type { StudioModel } from '../multimodal/WithModel.tsx'
import { withPlaces, writtenAnswer } from '../speak/conversation.ts'
import { emptyAnswers, withEvents } from '../speak/speech.ts'
import { type Maps, sameMaps } from './edits.ts'

const NEW_TOKENS = 64

interface Asked {
  question: string
  edited: Maps
  /** Of the original and of the edited picture; null while it is being written. */
  answers: [original: string | null, edited: string | null]
}

/** The answer to one question about the picture as it was and as it is, the likeliest tokens each. */
export function QuestionPanel({
  model: { run, abilities },
  original,
  edited,
}: {
  model: StudioModel
  original: Maps
  edited: Maps
}) {
  const [question, setQuestion] = useState('what is this?')
  const [asked, setAsked] = useState<Asked | null>(null)
  const [error, setError] = useState<unknown>(null)
  const listening = useRef<AbortController | null>(null)
  useEffect(() => () => listening.current?.abort(), [])
  if (abilities.cannotRead !== null)
    return (
      <Panel title="Answer to a question">
        <p className="text-sm text-muted">{abilities.cannotRead}</p>
      </Panel>
    )
  const ask = async (event: FormEvent) => {
    event.preventDefault()
    if (question.trim() === '') return
    listening.current?.abort()
    const ended = new AbortController()
    listening.current = ended
    const answers: Asked['answers'] = [null, null]
    const show = () => setAsked({ question, edited, answers: [...answers] })
    setError(null)
    show()
    try {
      for (const [at, codes] of [original, edited].entries()) {
        const answer = await greedyAnswer(run.id, question, codes, ended.signal)
        if (ended.signal.aborted) return
        answers[at] = answer
        show()
      }
    } catch (failure) {
      if (!ended.signal.aborted) setError(failure)
    }
  }
  const [before, after] = asked?.answers ?? [null, null]
  const stale = asked !== null && (asked.question !== question || !sameMaps(asked.edited, edited))
  return (
    <Panel title="Answer to a question" hint="greedy: the likeliest token each time">
      <form onSubmit={(event) => void ask(event)} className="flex gap-2">
        <Input aria-label="Question about A" value={question} onChange={(event) => setQuestion(event.target.value)} />
        <Button type="submit" variant="primary" disabled={question.trim() === ''}>
          <SendHorizontal aria-hidden /> Ask
        </Button>
      </form>
      {error !== null && <ErrorState className="mt-3" title="The model could not answer" error={error} />}
      {asked ? (
        <div className="mt-3 flex flex-col gap-3">
          <dl className="grid grid-cols-2 gap-3 text-sm">
            {(
              [
                ['Original', before],
                ['Edited', after],
              ] as const
            ).map(([name, answer]) => (
              <div key={name} className="rounded-md border border-line p-3">
                <dt className="text-xs text-muted">{name}</dt>
                <dd className="min-h-5 text-base break-words whitespace-pre-wrap">
                  {answer === null ? <span className="text-faint">…</span> : answer || '(nothing)'}
                </dd>
              </div>
            ))}
          </dl>
          <p className="flex items-center gap-2 text-sm" aria-live="polite">
            {before !== null &&
              after !== null &&
              (before === after ? (
                <Badge>
                  <Equal aria-hidden className="size-3" /> Same answer
                </Badge>
              ) : (
                <Badge tone="warn">≠ Answer changed</Badge>
              ))}
            {stale && <span className="text-xs text-muted">Asked before the last change; ask again to compare.</span>}
          </p>
        </div>
      ) : (
        <p className="mt-3 flex items-start gap-2 text-sm text-muted">
          <CircleHelp aria-hidden className="mt-0.5 size-4 shrink-0" />
          The question is asked about picture A as it was and as it is now.
        </p>
      )}
    </Panel>
  )
}

async function greedyAnswer(id: string, question: string, codes: Maps, signal: AbortSignal): Promise<string> {
  const greedy = { temperature: 0, topK: null, topP: null }
  const events = await api.multimodal.say(
    {
      id,
      prompt: { before: [], question: withPlaces(question, 1), pictures: [{ kind: 'codes', codes }] },
      settings: { text: greedy, codes: greedy, guidance: 1, seed: 0, newTokens: NEW_TOKENS },
      answers: 1,
      paint: null,
    },
    { signal },
  )
  let answers = emptyAnswers(1)
  for await (const event of events) answers = withEvents(answers, [event])
  const [answer] = answers
  return answer ? writtenAnswer(answer).text : ''
}
