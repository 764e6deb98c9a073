import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import {
  type AnswerFigure,
  type AnswerResult,
  type AnswerWarning,
  answerMetrics,
  benchmarkTitles,
  type QuestionResult,
  type UnansweredRule,
  warningText,
} from '../../../src-shared/answer-results.ts'
import { cardValue, type MetricCard } from '../../../src-shared/metric-card.ts'
import type { Benchmark } from './benchmark.ts'
import type { GivenAnswers } from './read-answers.ts'
import { type ScoredAnswers, scoreAnswers } from './score-answers.ts'

export interface Evaluation {
  result: AnswerResult
  /** In the order of the benchmark's questions. */
  rows: QuestionResult[]
}

/**
 * Scores answers to a benchmark, with everything that the figures depend on.
 * @param system who answered
 * @param unanswered what is done about questions without an answer; what the benchmark's own scoring does unless given
 * @param warnings of before that belong to the result
 * @throws BenchmarkError as `scoreAnswers`
 */
export async function evaluateAnswers(
  benchmark: Benchmark,
  given: GivenAnswers,
  {
    system,
    unanswered = benchmark.unanswered,
    warnings = [],
  }: { system: string; unanswered?: UnansweredRule; warnings?: readonly AnswerWarning[] },
): Promise<Evaluation> {
  const { preparation } = given
  const scored = scoreAnswers(benchmark, given.answers, { preparation, unanswered })
  const all = [...benchmark.warnings, ...given.warnings, ...warnings, ...scored.warnings]
  const { figures, headline, rows, answered } = scored
  return {
    rows,
    result: {
      benchmark: benchmark.name,
      system,
      questions: benchmark.questions.length,
      answered,
      preparation,
      unanswered,
      headline,
      figures,
      warnings: all,
      card: cardOf(benchmark, scored, headline, await identityOf(benchmark.files), all),
    },
  }
}

function cardOf(
  { name, files }: Benchmark,
  { source, reading }: ScoredAnswers,
  { metric, by, group, percent, questions }: AnswerFigure,
  sha256: string,
  warnings: readonly AnswerWarning[],
): MetricCard {
  const { label, definition, better } = answerMetrics[metric]
  const of = by === '' ? '' : ` (${by}: ${group})`
  return {
    metric: `${benchmarkTitles[name]} ${label}${of}`,
    value: cardValue(percent),
    unit: '%',
    higherIsBetter: better === 'none' ? null : better === 'higher',
    definition: `${definition} Reading: ${reading}.`,
    source,
    extractor: null,
    resize: '',
    reference: `${files.map((path) => basename(path)).join(', ')}, sha256 ${sha256}`,
    count: questions,
    seed: null,
    interval: null,
    bias: null,
    warnings: warnings.map(warningText),
  }
}

/** sha256 of a file; of several, of the list of theirs. */
async function identityOf(files: readonly string[]): Promise<string> {
  const each: string[] = []
  for (const path of files) {
    const hash = createHash('sha256')
    await pipeline(createReadStream(path), hash)
    each.push(hash.digest('hex'))
  }
  return each.length === 1 ? (each[0] as string) : createHash('sha256').update(each.join('\n')).digest('hex')
}
