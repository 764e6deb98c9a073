import type {
  AnswerFigure,
  AnswerResult,
  AnswerWarning,
  QuestionResult,
  UnansweredRule,
} from '../../../src-shared/answer-results.ts'
import type { Benchmark, BenchmarkQuestion, GivenAnswer } from './benchmark.ts'
import { BenchmarkError } from './benchmark-error.ts'
import { imageName } from './images.ts'
import { normalisers } from './normalise.ts'
import { Offenders } from './offenders.ts'
import { scorings } from './scoring.ts'

export interface ScoringOptions {
  /** evalai: answers first go through the EvalAI processor, as LLaVA hands them in. */
  preparation: AnswerResult['preparation']
  /** What is done about questions without an answer. */
  unanswered: UnansweredRule
}

export interface ScoredAnswers {
  figures: AnswerFigure[]
  headline: AnswerFigure
  /** In the order of the benchmark's questions. */
  rows: QuestionResult[]
  answered: number
  warnings: AnswerWarning[]
  /** Whose scoring it is, and what answers go through before they are compared. */
  source: string
  reading: string
}

/**
 * Scores a system's answers as the benchmark's authors do.
 * @param answers by the questions' ids
 * @throws BenchmarkError if questions have no answer and that is to be refused, or nothing is left to score
 */
export function scoreAnswers(
  { name, questions }: Pick<Benchmark, 'name' | 'questions'>,
  answers: ReadonlyMap<string, GivenAnswer>,
  { preparation, unanswered }: ScoringOptions,
): ScoredAnswers {
  const scoring = scorings[name]()
  const prepare = preparation === 'evalai' ? normalisers.evalai : (text: string) => text
  const rows: QuestionResult[] = []
  const missing = new Offenders()
  for (const question of questions) {
    const answer = answers.get(question.id)
    if (!answer) missing.add(question.id)
    if (answer) {
      const { read, score, groups } = scoring.judge(question, { ...answer, text: prepare(answer.text) })
      rows.push(rowOf(question, { answer: answer.text, read, score }, groups))
    } else if (unanswered === 'wrong') rows.push(rowOf(question, { answer: null, read: null, score: 0 }))
  }
  if (missing.count > 0 && unanswered === 'refuse')
    throw new BenchmarkError(
      `${missing.count} of ${questions.length} questions have no answer: ${missing}; add them, or say that they count as wrong or are left out`,
    )
  if (rows.length === 0) throw new BenchmarkError(`none of ${questions.length} questions has an answer`)
  const figures = scoring.figures(rows)
  return {
    figures,
    headline: scoring.headline(figures),
    rows,
    answered: questions.length - missing.count,
    source: scoring.source,
    reading: preparation === 'evalai' ? `EvalAI answer processor first; ${scoring.reading}` : scoring.reading,
    warnings: missing.warnings(
      unanswered === 'wrong'
        ? 'Questions without an answer count as wrong.'
        : 'Questions without an answer are left out of every figure.',
    ),
  }
}

const rowOf = (
  { id, question, options, truth, image, groups }: BenchmarkQuestion,
  judged: Pick<QuestionResult, 'answer' | 'read' | 'score'>,
  more: Readonly<Record<string, string>> = {},
): QuestionResult => ({
  id,
  question,
  options: [...options],
  ...judged,
  truth: [...truth],
  image: imageName(image),
  groups: { ...groups, ...more },
})
