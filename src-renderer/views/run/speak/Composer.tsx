import { ImagePlus, SendHorizontal, Square, X } from 'lucide-react'
import { type KeyboardEvent, useId, useState } from 'react'
import type { RunPicture } from '../../../api/multimodal-queries.ts'
import { Button, IconButton } from '../../../components/button.tsx'
import { Checkbox } from '../../../components/checkbox.tsx'
import { TextArea } from '../../../components/input.tsx'
import { Segmented } from '../../../components/tabs.tsx'
import { PixelPicture } from '../../../pictures/PixelPicture.tsx'
import { PicturePicker } from '../multimodal/PicturePicker.tsx'
import type { StudioModel } from '../multimodal/WithModel.tsx'
import { IMAGE, problemOfQuestion } from './conversation.ts'

/** Where a question is written, with its pictures. Enter asks, Shift+Enter begins a line. */
export function Composer({
  model: { run, abilities },
  answering,
  ready,
  hasBefore,
  onAsk,
  onStop,
}: {
  model: StudioModel
  answering: boolean
  /** The settings can be used. */
  ready: boolean
  /** There is something that a question could follow. */
  hasBefore: boolean
  onAsk: (question: string, how: { pictures: readonly RunPicture[]; paints: boolean; follows: boolean }) => void
  onStop: () => void
}) {
  const id = useId()
  const [question, setQuestion] = useState('')
  const [pictures, setPictures] = useState<readonly RunPicture[]>([])
  const [wanted, setWanted] = useState('answer')
  // The built-in tasks are learned one question at a time.
  const [follows, setFollows] = useState(abilities.tasks.includes('dialogue'))
  const [tried, setTried] = useState(false)
  const { cannotPaint, cannotRead } = abilities
  const paints = wanted === 'paint' && cannotPaint === null
  const problem = problemOfQuestion(question, pictures.length)
  const send = () => {
    setTried(problem !== null)
    if (problem !== null || !ready || answering) return
    onAsk(question.trim(), { pictures, paints, follows: follows && hasBefore })
    setQuestion('')
    setPictures([])
  }
  const key = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }
  const notes = [cannotRead, cannotPaint].filter((note) => note !== null)
  return (
    <section aria-label="Question" className="flex shrink-0 flex-col gap-2 border-t border-line bg-surface px-5 py-3">
      {pictures.length > 0 && (
        <ul aria-label="Chosen pictures" className="flex flex-wrap gap-2">
          {pictures.map((one, place) => (
            <li
              key={one.picture}
              className="flex items-center gap-2 rounded-md border border-line bg-ground py-1 pr-1 pl-1.5 text-xs"
            >
              <span className="font-mono text-faint">{place + 1}</span>
              <PixelPicture pixels={one.pixels} size={28} label="" />
              <span className="max-w-44 truncate">{one.caption}</span>
              <IconButton
                label={`Take out ${one.caption}`}
                size="iconSmall"
                onClick={() => setPictures(pictures.filter(({ picture }) => picture !== one.picture))}
              >
                <X aria-hidden />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      <TextArea
        aria-label="Question or request"
        rows={2}
        value={question}
        onChange={(event) => {
          setQuestion(event.target.value)
          setTried(false)
        }}
        onKeyDown={key}
        aria-invalid={tried && problem !== null}
        aria-describedby={`${id}-note`}
        placeholder={
          paints
            ? 'Paint a red apple.'
            : cannotRead
              ? 'Ask something'
              : 'Ask about the chosen pictures, or about anything'
        }
        className="max-h-40 bg-ground"
      />
      <div className="flex items-center gap-2">
        <Segmented
          label="What the answer is"
          value={paints ? 'paint' : 'answer'}
          onChange={setWanted}
          options={[
            { value: 'answer', label: 'Answer' },
            { value: 'paint', label: 'Paint a picture', disabled: cannotPaint !== null },
          ]}
        />
        <PicturePicker
          runId={run.id}
          several
          title="Choose pictures"
          disabled={cannotRead !== null}
          chosen={pictures.map(({ picture }) => picture)}
          onPick={(one) =>
            setPictures((old) =>
              old.some(({ picture }) => picture === one.picture)
                ? old.filter(({ picture }) => picture !== one.picture)
                : [...old, one],
            )
          }
        >
          <ImagePlus aria-hidden /> Pictures
        </PicturePicker>
        {hasBefore && (
          <Checkbox checked={follows} onChange={setFollows}>
            after what was said
          </Checkbox>
        )}
        {paints && (
          <Button variant="ghost" onClick={() => setQuestion(abilities.unconditionalRequest)}>
            Any picture
          </Button>
        )}
        <p id={`${id}-note`} className="min-w-0 flex-1 text-xs text-faint" aria-live="polite">
          {tried && problem !== null ? (
            <span className="text-danger">{problem}</span>
          ) : notes.length > 0 ? (
            <span className="text-muted">{notes.join(' ')}</span>
          ) : (
            `${IMAGE} in the text stands for a picture; without it they go before the text.`
          )}
        </p>
        {answering ? (
          <Button variant="danger" onClick={onStop}>
            <Square aria-hidden /> Stop
          </Button>
        ) : (
          <Button variant="primary" onClick={send} aria-disabled={!ready || undefined}>
            <SendHorizontal aria-hidden /> {paints ? 'Paint' : 'Ask'}
          </Button>
        )}
      </div>
    </section>
  )
}
