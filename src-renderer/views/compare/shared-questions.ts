import { questionKey } from '../../../src-shared/answer-comparison.ts'
import type { HeldOutAnswer } from '../../../src-shared/held-out-answers.ts'

/** A question that several runs were asked, with what each of them said, in their order. */
export interface SharedQuestion extends Pick<HeldOutAnswer, 'task' | 'question' | 'answer'> {
  key: string
  said: Pick<HeldOutAnswer, 'said' | 'right'>[]
  /** Whether some are right and some are not. */
  differs: boolean
}

/** The questions that all runs were asked, in the order of the first. @param runs the answers of each */
export function sharedQuestions(runs: readonly (readonly HeldOutAnswer[])[]): SharedQuestion[] {
  const [first = [], ...others] = runs
  const asked = others.map((answers) => new Map(answers.map((one) => [questionKey(one), one])))
  return first.flatMap((own) => {
    const key = questionKey(own)
    const theirs = asked.flatMap((answers) => answers.get(key) ?? [])
    if (theirs.length < others.length) return []
    const said = [own, ...theirs].map(({ said, right }) => ({ said, right }))
    const differs = new Set(said.map(({ right }) => right)).size > 1
    return [{ key, task: own.task, question: own.question, answer: own.answer, said, differs }]
  })
}
