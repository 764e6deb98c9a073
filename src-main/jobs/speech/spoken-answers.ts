import type { AskedOfModel, Prompt, SpeechEvent } from '../../../src-shared/contract/multimodal.ts'
import { plainText, writer } from '../../data/texts.ts'
import { rewrittenText } from '../../multimodal/dialogue-texts.ts'
import type { AnswerEvent } from '../../multimodal/generate.ts'
import { anyPicture } from '../../multimodal/tasks/paint.ts'
import type { Question, ShownPicture, SpeakingOptions } from '../../training/stage-two/speaker.ts'
import type { CodeNumbers } from './code-numbers.ts'
import { ModelError } from './model-error.ts'
import type { RunModel } from './open-run-model.ts'
import { pictureOf } from './run-pictures.ts'

/** Likeliest codes that are told with each code of a painted picture. */
const ALTERNATIVES = 8

/** A request that says nothing of the picture, as the model read it in training. */
export const unconditionalRequest = ({ opened: { config } }: RunModel): string =>
  anyPicture(writer(config.language.model === 'words' ? 'words' : 'sentences'))

/** A prompt with its pictures as pixels or codes. @throws ModelError for a picture or code that is not there */
export async function questionOf(model: RunModel, { before, question, pictures }: Prompt): Promise<Question> {
  const shown: ShownPicture[] = []
  for (const asked of pictures)
    shown.push(
      asked.kind === 'codes'
        ? { codes: model.numbers.rows(asked.codes) }
        : { pixels: await pictureOf(model, asked.picture) },
    )
  return { before, question, pictures: shown }
}

/** As the texts are that the model learned from: a model over their own words reads no others. */
export function asWritten(
  { opened: { config } }: Pick<RunModel, 'opened'>,
  { before = [], question, pictures = [] }: Question,
): Question {
  if (config.language.model !== 'words') return { before, question, pictures }
  const plain = (text: string) => rewrittenText(text, plainText)
  return {
    before: before.map((turn) => ({ question: plain(turn.question), answer: plain(turn.answer) })),
    question: plain(question),
    pictures,
  }
}

/** How a question is to be answered. */
export type Manner = Omit<AskedOfModel['say'], 'prompt'>

/** Answers a question, several times with random numbers of their own. @param part told of what comes, as it comes */
export async function say(
  model: RunModel,
  asking: Question,
  { settings, answers, paint }: Manner,
  { signal, part }: { signal: AbortSignal; part: (event: SpeechEvent) => void },
): Promise<void> {
  const { speaker, numbers } = model
  const began = performance.now()
  const question = asWritten(model, asking)
  const { text, codes, seed } = settings
  const guidance = speaker.cannotPaint === null ? settings.guidance : 1
  const options: SpeakingOptions = { text, codes, guidance, seed, signal, alternatives: ALTERNATIVES }
  const asked = { ...question, ...(guidance === 1 ? {} : { unconditional: unconditionalRequest(model) }) }
  const requests = Array.from({ length: answers }, (_, stream) => ({ ...asked, stream }))
  const first = firstCodes(model, paint)
  const whole = speaker.layout.cells * speaker.layout.slots
  const events = !paint
    ? speaker.converse(requests, { ...options, newTokens: settings.newTokens })
    : first.length < whole
      ? speaker.paint(
          requests.map((request) => ({ ...request, codes: first })),
          options,
        )
      : paintedAlready(first, answers)
  for await (const event of events) part(speechEvent(event, numbers, began))
}

function firstCodes({ speaker: { layout }, numbers }: RunModel, paint: Manner['paint']): Int32Array {
  const whole = layout.cells * layout.slots
  const codes = paint?.first ?? []
  if (codes.length > whole)
    throw new ModelError('bad-request', `${codes.length} first codes of a picture of ${whole}`, 'Give no more of them.')
  return Int32Array.from(codes, numbers.row)
}

/** All codes were given: there is nothing left to paint. */
function* paintedAlready(codes: Int32Array, answers: number): Generator<AnswerEvent> {
  for (let sequence = 0; sequence < answers; sequence++) {
    yield { sequence, kind: 'picture', codes }
    yield { sequence, kind: 'picture-end', codes }
    yield { sequence, kind: 'end', reason: 'painted', tokens: [] }
  }
}

function speechEvent(event: AnswerEvent, numbers: CodeNumbers, began: number): SpeechEvent {
  const answer = event.sequence
  switch (event.kind) {
    case 'text':
      return { kind: 'text', answer, text: event.text }
    case 'picture':
      return { kind: 'picture', answer }
    case 'code': {
      const { at, code, probability } = event
      const alternatives = event.alternatives.map((other) => ({ ...other, code: numbers.shown(other.code) }))
      return { kind: 'code', answer, at, code: numbers.shown(code), probability, alternatives }
    }
    case 'picture-end':
      return { kind: 'painted', answer, codes: numbers.maps(event.codes) }
    case 'end':
      return {
        kind: 'end',
        answer,
        reason: event.reason === 'full' ? 'full' : 'closed',
        seconds: (performance.now() - began) / 1000,
      }
  }
}
