import type { HeldOutAnswer } from './held-out-answers.ts'
import { type TaskName, taskNames } from './multimodal.ts'
import { mean, type PairedDifference, pairedBootstrap } from './statistics.ts'

/** One system's answers to held-out questions, seed by seed. */
export interface AnsweredArm {
  label: string
  runs: readonly AnsweredRun[]
}

export interface AnsweredRun {
  seed: number
  answers: readonly HeldOutAnswer[]
}

/** How two systems did on the questions of a task that both were asked. */
export interface TaskComparison {
  task: TaskName
  /** Questions that all runs of both answered. */
  questions: number
  /** Pairs of runs. */
  seeds: number
  /** Shares of right answers to these questions. */
  a: number
  b: number
  /** a − b by paired bootstrap over questions and seeds; null where there is no interval. */
  difference: PairedDifference | null
  verdict: 'larger' | 'within' | 'unknown'
  /** The same in a sentence for people. */
  sentence: string
}

/**
 * Compares two systems question by question. Where either has several runs, those of the same seed are paired; a run
 * without a partner is left out. Questions are the same where task, place, turn and words are.
 * @returns one entry for each task of which both answered a question; none where no runs can be paired
 */
export function compareAnswers(a: AnsweredArm, b: AnsweredArm): TaskComparison[] {
  const pairs = pairsOf(a.runs, b.runs).map((pair) => pair.map(byQuestion) as [Questions, Questions])
  const [first] = pairs
  if (!first) return []
  const askedOfAll = [...first[0]].filter(([key]) => pairs.every((pair) => pair.every((asked) => asked.has(key))))
  return taskNames.flatMap((task) => {
    const shared = askedOfAll.filter(([, one]) => one.task === task).map(([key]) => key)
    if (shared.length === 0) return []
    const scores = (side: 0 | 1) => pairs.map((pair) => shared.map((key) => (pair[side].get(key)?.right ? 1 : 0)))
    const [ofA, ofB] = [scores(0), scores(1)]
    const difference = pairedBootstrap(ofA, ofB)
    const said = {
      task,
      questions: shared.length,
      seeds: pairs.length,
      a: mean(ofA.map(mean)),
      b: mean(ofB.map(mean)),
      difference,
      verdict: verdictOf(difference),
    }
    return [{ ...said, sentence: sentenceOf(a.label, b.label, said) }]
  })
}

/** What makes two questions the same. */
export const questionKey = ({ task, place, turn, question, answer }: Omit<HeldOutAnswer, 'said' | 'right' | 'blind'>) =>
  JSON.stringify([task, place, turn, question, answer])

type Questions = ReadonlyMap<string, HeldOutAnswer>

const byQuestion = ({ answers }: AnsweredRun): Questions => new Map(answers.map((one) => [questionKey(one), one]))

function pairsOf(a: readonly AnsweredRun[], b: readonly AnsweredRun[]): [AnsweredRun, AnsweredRun][] {
  const [onlyA, onlyB] = [a[0], b[0]]
  // Two runs are compared whatever their seeds are.
  if (a.length === 1 && b.length === 1 && onlyA && onlyB) return [[onlyA, onlyB]]
  return a.flatMap((one) => {
    const other = b.find(({ seed }) => seed === one.seed)
    return other ? [[one, other] as [AnsweredRun, AnsweredRun]] : []
  })
}

function verdictOf(difference: PairedDifference | null): TaskComparison['verdict'] {
  if (!difference) return 'unknown'
  return difference.low > 0 || difference.high < 0 ? 'larger' : 'within'
}

function sentenceOf(
  a: string,
  b: string,
  { questions, seeds, difference, verdict, ...shares }: Omit<TaskComparison, 'sentence'>,
): string {
  const apart = shares.a - shares.b
  const points = (value: number) => (100 * value).toFixed(1).replace('-', '−')
  const said =
    apart === 0
      ? `${a} and ${b} answer as many right`
      : `${a} answers ${points(Math.abs(apart))} points ${apart > 0 ? 'more' : 'fewer'} right than ${b}`
  if (!difference) return `${said}, of one question: that says nothing.`
  const over = `${questions} questions and ${seeds === 1 ? 'one seed' : `${seeds} seeds`}`
  const noise = seeds === 1 ? 'the noise of questions; that of seeds is not in it' : 'the noise of questions and seeds'
  return `${said} (95 % interval ${points(difference.low)} to ${points(difference.high)}, paired bootstrap over ${over}): ${verdict === 'larger' ? 'larger' : 'not larger'} than ${noise}.`
}
