import type { HeldOutAnswer } from '../../../../src-shared/held-out-answers.ts'
import { type TaskName, taskNames } from '../../../../src-shared/multimodal.ts'
import { type Proportion, wilsonInterval } from '../../../../src-shared/proportions.ts'

/** How a model did on the questions of a task. */
export interface TaskSummary {
  task: TaskName
  count: number
  right: Proportion
  /** Without a look at the picture. */
  blind: Proportion
  /** The commonest right answer, and its share. */
  commonest: { answer: string; share: number }
  /** Whether it does better than both of these by more than chance: none of their shares reaches into its interval. */
  isAbove: boolean
}

export function summarise(answers: readonly HeldOutAnswer[]): TaskSummary[] {
  return taskNames.flatMap((task) => {
    const own = answers.filter((one) => one.task === task)
    if (own.length === 0) return []
    const counts = new Map<string, number>()
    for (const { answer } of own) counts.set(answer, (counts.get(answer) ?? 0) + 1)
    const [answer, most] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))
    const right = wilsonInterval(own.filter((one) => one.right).length, own.length)
    const blind = wilsonInterval(own.filter((one) => one.blind).length, own.length)
    const commonest = { answer, share: most / own.length }
    const isAbove = right.low > Math.max(blind.share, commonest.share)
    return [{ task, count: own.length, right, blind, commonest, isAbove }]
  })
}

/** A question as people read it: without the places of its pictures. */
export const questionText = (question: string): string => question.replaceAll('<image>', '').trim()

/** What stands for one answer in an address. */
export const answerKey = ({ task, place, turn }: Pick<HeldOutAnswer, 'task' | 'place' | 'turn'>): string =>
  `${task}.${place}.${turn}`
