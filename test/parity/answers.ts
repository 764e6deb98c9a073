import type { BenchmarkQuestion, GivenAnswer } from '../../src-main/evaluation/answers/benchmark.ts'
import {
  type ScoredAnswers,
  type ScoringOptions,
  scoreAnswers,
} from '../../src-main/evaluation/answers/score-answers.ts'
import type { AnswerFigure, AnswerMetricName, BenchmarkName } from '../../src-shared/answer-results.ts'

/** A question of a reference case; what is not given is empty. */
export const questionOf = (
  given: Pick<BenchmarkQuestion, 'id' | 'truth'> & Partial<BenchmarkQuestion>,
): BenchmarkQuestion => ({
  key: { question_id: given.id },
  question: '',
  context: '',
  options: [],
  image: null,
  groups: {},
  ...given,
})

/** Scores answers in the order of the questions; null for a question without one. */
export function scoreInOrder(
  name: BenchmarkName,
  questions: readonly BenchmarkQuestion[],
  answers: readonly ((Partial<GivenAnswer> & { text: string }) | null)[],
  options: Partial<ScoringOptions> = {},
): ScoredAnswers {
  const given = new Map(
    questions.flatMap(({ id }, at) => {
      const answer = answers[at]
      return answer ? [[id, { prompt: null, ...answer }] as const] : []
    }),
  )
  return scoreAnswers({ name, questions }, given, { preparation: 'none', unanswered: 'refuse', ...options })
}

/** Percentages of a metric by group, of one kind of group; those of all questions are of the kind ''. */
export const percents = (
  figures: readonly AnswerFigure[],
  metric: AnswerMetricName,
  by: string,
): Record<string, number> =>
  Object.fromEntries(
    figures
      .filter((figure) => figure.metric === metric && figure.by === by)
      .map(({ group, percent }) => [group, percent]),
  )
