import type { SpeechEvent } from '../../../../src-shared/contract/multimodal.ts'

/** A code that a model has painted, with what it might have painted instead, likeliest first. */
export type PaintedCode = Pick<Extract<SpeechEvent, { kind: 'code' }>, 'code' | 'probability' | 'alternatives'>

export type AnswerPart =
  | { kind: 'text'; text: string }
  | {
      kind: 'picture'
      /** In token order, as far as they are there. */
      painted: (PaintedCode | undefined)[]
      /** Codes of each layer once the picture is whole. */
      codes: number[][] | null
    }
export type PicturePart = Extract<AnswerPart, { kind: 'picture' }>

/** One answer, as far as it has come. */
export interface Answer {
  parts: AnswerPart[]
  end: { reason: 'closed' | 'full'; seconds: number } | null
}

/** Answers that have not begun. @param first codes that each of them begins a picture with */
export const emptyAnswers = (count: number, first: readonly PaintedCode[] = []): Answer[] =>
  Array.from({ length: count }, () => ({
    parts: first.length > 0 ? [{ kind: 'picture', painted: [...first], codes: null }] : [],
    end: null,
  }))

/** The answers with some more events, in their order; those that nothing was said of stay the same objects. */
export function withEvents(answers: readonly Answer[], events: readonly SpeechEvent[]): Answer[] {
  const next = [...answers]
  const fresh = new Set<number>()
  for (const event of events) {
    const old = next[event.answer]
    if (!old) throw new RangeError(`an event of answer ${event.answer}, but ${answers.length} were asked for`)
    const answer = fresh.has(event.answer) ? old : { ...old, parts: [...old.parts] }
    fresh.add(event.answer)
    next[event.answer] = answer
    apply(answer, event)
  }
  return next
}

function apply(answer: Answer, event: SpeechEvent): void {
  const last = answer.parts.at(-1)
  switch (event.kind) {
    case 'text':
      if (last?.kind === 'text') answer.parts[answer.parts.length - 1] = { ...last, text: last.text + event.text }
      else answer.parts.push({ kind: 'text', text: event.text })
      return
    case 'picture':
      // A picture that goes on from given codes has begun with them.
      if (last?.kind !== 'picture' || last.codes !== null || answer.parts.length > 1)
        answer.parts.push({ kind: 'picture', painted: [], codes: null })
      return
    case 'code': {
      const { code, probability, alternatives } = event
      const picture = openPicture(answer)
      const painted = [...picture.painted]
      painted[event.at] = { code, probability, alternatives }
      answer.parts[answer.parts.length - 1] = { ...picture, painted }
      return
    }
    case 'painted':
      answer.parts[answer.parts.length - 1] = { ...openPicture(answer), codes: event.codes }
      return
    case 'end':
      answer.end = { reason: event.reason, seconds: event.seconds }
  }
}

/** The picture that is being painted; begun here if its beginning was not told. */
function openPicture(answer: Answer): PicturePart {
  const last = answer.parts.at(-1)
  if (last?.kind === 'picture' && last.codes === null) return last
  const picture: PicturePart = { kind: 'picture', painted: [], codes: null }
  answer.parts.push(picture)
  return picture
}

/** Codes of a picture up to before a place, and another one there: what painting goes on from. */
export const continuedFrom = ({ painted }: PicturePart, place: number, code: number): PaintedCode[] => [
  ...painted.slice(0, place).map((one) => one as PaintedCode),
  { ...(painted[place] as PaintedCode), code, probability: probabilityOf(painted[place] as PaintedCode, code) },
]

/** Probability of a code at a place, as far as it was told; not a number if it was not. */
const probabilityOf = ({ code, probability, alternatives }: PaintedCode, wanted: number): number =>
  wanted === code ? probability : (alternatives.find((one) => one.code === wanted)?.probability ?? Number.NaN)

/**
 * What is shown of a place: its likeliest codes with the painted one among them, and the share of all others.
 * @param most codes at most, the painted one beside them if it is not one of those
 */
export function choicesAt(
  { code, probability, alternatives }: PaintedCode,
  most: number,
): { choices: { code: number; probability: number }[]; others: number } {
  const likeliest = alternatives.toSorted((a, b) => b.probability - a.probability).slice(0, most)
  const choices = likeliest.some((one) => one.code === code) ? likeliest : [...likeliest, { code, probability }]
  const told = choices.reduce((sum, one) => sum + one.probability, 0)
  return { choices, others: Math.max(0, 1 - told) }
}

/** Codes that are there, and the sum of their negative log-likelihoods in nats. */
export function paintedSoFar({ painted }: PicturePart): { count: number; nll: number } {
  const there = painted.filter((one) => one !== undefined)
  return { count: there.length, nll: there.reduce((sum, { probability }) => sum - Math.log(probability), 0) }
}
