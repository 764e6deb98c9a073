import type { Dialogue } from './dialogues.ts'
import type { InstructionPair } from './picture-set.ts'

type Tree = Record<string, unknown>
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

const ROLES: Readonly<Record<string, 'question' | 'answer' | 'system'>> = {
  human: 'question',
  user: 'question',
  gpt: 'answer',
  assistant: 'answer',
  system: 'system',
}

/**
 * A dialogue of one entry: LLaVA and ShareGPT ("conversations" of "from" and "value"), chat ("messages" of "role" and
 * "content"), or one "question" with its "answer". What the system says goes before the first question. As in LLaVA, an answer before the first question and a question after the
 * last answer are left out.
 * @param asked what becomes of a question, in which <image> may stand for a picture
 * @returns the dialogue, or what is wrong with the entry
 */
export function dialogueOf(entry: unknown, asked: (question: string) => string): Dialogue | string {
  if (!isTree(entry)) return 'is no object'
  const { conversations, messages, question, answer } = entry
  if (Array.isArray(conversations)) return ofTurns(conversations, 'from', 'value', asked)
  if (Array.isArray(messages)) return ofTurns(messages, 'role', 'content', asked)
  if (typeof question === 'string' && typeof answer === 'string')
    return answer.trim() === '' ? 'has an empty answer' : [{ question: asked(question), answer: answer.trim() }]
  return 'has neither conversations, nor messages, nor a question with its answer'
}

function ofTurns(
  turns: readonly unknown[],
  from: string,
  value: string,
  asked: (question: string) => string,
): Dialogue | string {
  const pairs: InstructionPair[] = []
  let system = ''
  let question: string | null = null
  for (const turn of turns) {
    const role = isTree(turn) ? ROLES[String(turn[from])] : undefined
    const text = isTree(turn) ? turn[value] : undefined
    if (!role) return 'has a turn of an unknown speaker'
    if (typeof text !== 'string') return 'has a turn without text'
    if (role === 'system') system = asked(text)
    else if (role === 'question') {
      if (question !== null) return 'has two questions in a row'
      question = asked(text)
    } else if (question === null) {
      if (pairs.length > 0) return 'has two answers in a row'
    } else {
      if (text.trim() === '') return 'has an empty answer'
      pairs.push({
        question: pairs.length === 0 && system ? `${system}\n\n${question}` : question,
        answer: text.trim(),
      })
      question = null
    }
  }
  return pairs.length > 0 ? pairs : 'has no answer'
}
