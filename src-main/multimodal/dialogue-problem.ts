import { DataError } from '../data/source.ts'
import { ChatTemplateError } from '../language/chat-layout.ts'
import { DialogueError, problemOf, type Sequence } from './sequence.ts'

/** What is wrong with a dialogue, in words that others of the kind share, and what is about this one alone. */
export interface DialogueProblem {
  problem: string
  detail: string
}

/** Why a dialogue cannot be laid out. @throws anything else again */
export function problemOfError(error: unknown): DialogueProblem {
  if (error instanceof DialogueError || error instanceof ChatTemplateError)
    return { problem: error.message, detail: '' }
  // Each names another file, and they are one problem.
  if (error instanceof DataError)
    return { problem: 'shows a picture that cannot be read', detail: `: ${error.message}` }
  throw error
}

/** A dialogue's sequence if it can be learned from, else why not. @param context most positions */
export async function learnable(
  layOut: () => Promise<Sequence>,
  context: number,
): Promise<{ sequence: Sequence } | DialogueProblem> {
  try {
    const sequence = await layOut()
    const problem = problemOf(sequence, context)
    return problem === null ? { sequence } : { problem, detail: '' }
  } catch (error) {
    return problemOfError(error)
  }
}
