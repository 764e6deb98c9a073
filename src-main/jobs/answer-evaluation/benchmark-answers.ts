import { basename } from 'node:path'
import type { AnswerWarning, UnansweredRule } from '../../../src-shared/answer-results.ts'
import { openAnswerFile } from '../../evaluation/answers/answer-file.ts'
import type { Benchmark, BenchmarkQuestion } from '../../evaluation/answers/benchmark.ts'
import { BenchmarkError } from '../../evaluation/answers/benchmark-error.ts'
import { type Evaluation, evaluateAnswers } from '../../evaluation/answers/evaluate-answers.ts'
import { findImages } from '../../evaluation/answers/images.ts'
import { Offenders } from '../../evaluation/answers/offenders.ts'
import { readAnswers } from '../../evaluation/answers/read-answers.ts'
import { answerBenchmark } from '../speech/answer-benchmark.ts'
import type { RunModel } from '../speech/open-run-model.ts'

/** Answers to a benchmark, of a file or of a run, and their scores: what the command line and the app's own process do. */

/** How answers that are not as they should be are taken. */
export interface Scoring {
  /** Folder of the pictures; null if none was named. */
  images: string | null
  /** undefined: as the benchmark's own scoring does. */
  unanswered: UnansweredRule | undefined
}

/**
 * Scores a file of answers.
 * @param unknown what is done about answers to questions that are not in the benchmark
 * @throws BenchmarkError naming the first entries that cannot be used
 */
export async function scoreFile(
  benchmark: Benchmark,
  path: string,
  unknown: 'refuse' | 'ignore',
  { images, unanswered }: Scoring,
): Promise<Evaluation> {
  const given = await readAnswers(path, benchmark, unknown)
  const found = images === null ? null : await findImages(benchmark.questions, images)
  return evaluateAnswers({ ...benchmark, questions: found?.questions ?? benchmark.questions }, given, {
    system: basename(path),
    warnings: found?.missing.warnings('Pictures of questions are not in the folder.') ?? [],
    ...(unanswered === undefined ? {} : { unanswered }),
  })
}

/**
 * The questions that a run is asked: the first so many, or all, whose pictures must be there.
 * @param limit 0: all
 * @throws BenchmarkError if pictures are missing
 */
export async function questionsToAsk(
  { questions }: Benchmark,
  limit: number,
  folder: string | null,
): Promise<readonly BenchmarkQuestion[]> {
  const asked = limit === 0 ? questions : questions.slice(0, limit)
  const files = asked.filter(({ image }) => image?.kind === 'file')
  if (files.length === 0) return asked
  if (folder === null) throw new BenchmarkError('name the folder of the benchmark’s pictures', { setting: 'images' })
  const { missing } = await findImages(files, folder)
  if (missing.count > 0)
    throw new BenchmarkError(`${missing.count} of ${files.length} pictures are not in "${folder}": ${missing}`)
  return asked
}

export interface Asking {
  /** File that answers go to, one by one; what is answered in it already is not asked again. */
  out: string
  images: string | null
  /** Most tokens of an answer. */
  newTokens: number
  /** Questions that are answered side by side. */
  sideBySide: number
  onProgress(state: AnsweringState, all: number): void
  signal: AbortSignal
}

/** How far asking has come, and the questions that could not be asked. */
export interface AnsweringState {
  answered: number
  problems: Offenders
}

/** As a file of answers names who answered. */
export const systemOf = (run: string, { step }: Pick<RunModel, 'step'>): string => `${run}, step ${step}`

/**
 * Asks a run's model what it has not answered yet. Stopped by the signal, it returns; the file has what was answered.
 * @param whole the benchmark whose answers may be in the file before @param questions of it that are asked
 * @throws BenchmarkError if the file holds something else; ModelError
 */
export async function answerInto(
  model: RunModel,
  run: string,
  whole: Benchmark,
  questions: readonly BenchmarkQuestion[],
  { out, images, newTokens, sideBySide, onProgress, signal }: Asking,
): Promise<AnsweringState> {
  const file = await openAnswerFile(out, whole, systemOf(run, model))
  const state: AnsweringState = {
    answered: questions.filter(({ id }) => file.answered.has(id)).length,
    problems: new Offenders(),
  }
  onProgress(state, questions.length)
  try {
    for await (const answer of answerBenchmark(
      model,
      { name: whole.name, questions },
      { folder: images ?? '', answered: file.answered, newTokens, sideBySide, signal },
    )) {
      if ('problem' in answer) state.problems.add(`${answer.question.id} (${answer.problem})`)
      else {
        file.append(answer.question, answer.prompt, answer.text)
        state.answered++
      }
      onProgress(state, questions.length)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    file.close()
  }
  return state
}

/** How far it is: a share, and in words. */
export const progressOf = ({ answered, problems }: AnsweringState, all: number): [share: number, words: string] => [
  all === 0 ? 1 : (answered + problems.count) / all,
  `${answered} of ${all} questions answered${problems.count > 0 ? `, ${problems.count} could not be asked` : ''}`,
]

/**
 * Scores what a run answered.
 * @param questions of the benchmark that were asked
 * @throws BenchmarkError if questions could not be asked and may not be without an answer
 */
export async function scoreRun(
  whole: Benchmark,
  questions: readonly BenchmarkQuestion[],
  { system, out, problems }: { system: string; out: string; problems: Offenders },
  unanswered: UnansweredRule | undefined,
): Promise<Evaluation> {
  if (problems.count > 0 && (unanswered ?? whole.unanswered) === 'refuse')
    throw new BenchmarkError(
      `${problems.count} questions could not be asked: ${problems}; let them count as wrong or leave them out`,
      { setting: 'unanswered' },
    )
  const benchmark = { ...whole, questions }
  const given = await readAnswers(out, benchmark, 'ignore')
  const all = whole.questions.length
  const part: AnswerWarning[] =
    questions.length < all
      ? [{ message: `Only the first of ${all} questions were asked.`, count: questions.length, first: [] }]
      : []
  return evaluateAnswers(benchmark, given, {
    system,
    warnings: [...part, ...problems.warnings('Questions could not be asked.')],
    ...(unanswered === undefined ? {} : { unanswered }),
  })
}
