import type { AskedPicture, Prompt } from '../../../../src-shared/contract/multimodal.ts'
import type { Answer } from './speech.ts'

/** What stands for a picture in a text. */
export const IMAGE = '<image>'

const placesIn = (text: string): number => text.split(IMAGE).length - 1

/** The question with a place for every chosen picture: those that it does not name go before it. */
export function withPlaces(question: string, pictures: number): string {
  const missing = pictures - placesIn(question)
  return missing > 0 ? `${`${IMAGE}\n`.repeat(missing)}${question}` : question
}

/** Why a question cannot be asked, in a sentence; null: it can. */
export function problemOfQuestion(question: string, pictures: number): string | null {
  if (question.trim() === '') return 'Write a question or a request.'
  const places = placesIn(question)
  if (places <= pictures) return null
  return `The text has ${IMAGE} ${places} ${places === 1 ? 'time' : 'times'}, but ${pictures === 0 ? 'no picture is' : pictures === 1 ? '1 picture is' : `${pictures} pictures are`} chosen. Choose one for each, or take ${places - pictures === 1 ? 'one' : places - pictures} out of the text.`
}

/** Questions in their order; one that follows is asked knowing those before it, back to one that does not. */
interface InOrder {
  follows: boolean
}

/** What a next question would know if it follows: the last questions up to one that began anew. */
export function lastThread<T extends InOrder>(turns: readonly T[]): T[] {
  const begin = turns.findLastIndex(({ follows }) => !follows)
  return turns.slice(Math.max(0, begin))
}

/** The questions without one and those after it that knew it. */
export function withoutThread<T extends InOrder>(turns: readonly T[], at: number): T[] {
  const next = turns.findIndex(({ follows }, index) => index > at && !follows)
  return [...turns.slice(0, at), ...(next < 0 ? [] : turns.slice(next))]
}

/** A question that was asked, with the answer that the conversation goes on from. */
export interface Asked {
  question: string
  pictures: readonly AskedPicture[]
  answer: Answer
}

/** An answer as a text with a place for each picture that is whole, and those pictures. */
export function writtenAnswer({ parts }: Answer): { text: string; pictures: AskedPicture[] } {
  const pictures: AskedPicture[] = []
  const text = parts
    .map((part) => {
      if (part.kind === 'text') return part.text
      if (part.codes === null) return ''
      pictures.push({ kind: 'codes', codes: part.codes })
      return IMAGE
    })
    .join('')
  return { text, pictures }
}

/** A question after the ones before it, as the model is asked. */
export function promptAfter(before: readonly Asked[], question: string, pictures: readonly AskedPicture[]): Prompt {
  const turns = before.map((turn) => ({ ...turn, written: writtenAnswer(turn.answer) }))
  return {
    before: turns.map((turn) => ({
      question: withPlaces(turn.question, turn.pictures.length),
      answer: turn.written.text,
    })),
    question: withPlaces(question, pictures.length),
    pictures: [...turns.flatMap((turn) => [...turn.pictures, ...turn.written.pictures]), ...pictures],
  }
}
