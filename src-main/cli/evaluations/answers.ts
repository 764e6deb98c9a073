import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import {
  type AnswerFigure,
  type AnswerWarning,
  answerMetrics,
  type BenchmarkName,
  benchmarkNames,
  benchmarkTitles,
  type UnansweredRule,
  unansweredRules,
} from '../../../src-shared/answer-results.ts'
import { openAnswerFile } from '../../evaluation/answers/answer-file.ts'
import type { Benchmark, BenchmarkQuestion } from '../../evaluation/answers/benchmark.ts'
import { BenchmarkError } from '../../evaluation/answers/benchmark-error.ts'
import { type Evaluation, evaluateAnswers, warningText } from '../../evaluation/answers/evaluate-answers.ts'
import { findImages } from '../../evaluation/answers/images.ts'
import { Offenders } from '../../evaluation/answers/offenders.ts'
import { openBenchmark } from '../../evaluation/answers/open-benchmark.ts'
import { twoDecimals } from '../../evaluation/answers/python-text.ts'
import { readAnswers } from '../../evaluation/answers/read-answers.ts'
import { answerBenchmark } from '../../jobs/speech/answer-benchmark.ts'
import type { RunModel } from '../../jobs/speech/open-run-model.ts'
import { type Cli, type CommandResult, type CommonOptions, homeOf, PROGRAM, wholeNumber } from '../command.ts'
import { exitCodes, UsageError } from '../errors.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { refuseOverwriting, writeOutput } from '../output-files.ts'
import { createProgress } from '../progress.ts'
import { withRunModel } from '../run-model.ts'
import { table } from '../table.ts'

export interface AnswersOptions extends CommonOptions {
  benchmark?: BenchmarkName
  questions: string[]
  annotations: string[]
  questionSplit: string
  ocr: string
  answers?: string
  imagesFolder?: string
  unanswered?: UnansweredRule
  ignoreUnknown?: boolean
  details?: string
  force?: boolean
  out?: string
  limit: number
  tokens: number
  sideBySide: number
  threads?: number
}

const collect = (path: string, before: string[]): string[] => [...before, path]

/** The options of a benchmark of questions and answers, beside --threads and --force. */
export const addAnswersOptions = (command: Command): Command =>
  command
    .addOption(new Option('--benchmark <name>', 'questions about pictures').choices(benchmarkNames))
    .option(
      '--questions <file>',
      'its official questions; POPE: a file of each split, or their folder (repeatable)',
      collect,
      [],
    )
    .option('--annotations <file>', 'its official annotations, where they are apart (repeatable)', collect, [])
    .option('--question-split <name>', 'ScienceQA: the split (default: test)', '')
    .option('--ocr <file>', 'TextVQA: OCR tokens for the prompts', '')
    .option(
      '--answers <file>',
      'score these answers: official JSON, LLaVA JSON lines, or a table with index and prediction',
    )
    .option('--images-folder <folder>', 'the benchmark’s pictures')
    .addOption(
      new Option(
        '--unanswered <rule>',
        'questions without an answer (default: as the benchmark’s own scoring does)',
      ).choices(unansweredRules),
    )
    .option('--ignore-unknown', 'ignore answers to questions that are not in the benchmark')
    .option('--details <file>', 'write every question with its answer and score, a JSON object a line')
    .option('--out <file>', 'where a run’s answers go; goes on with the file if it is there')
    .option('--limit <n>', 'ask a run the first n questions only (0: all)', wholeNumber(0), 0)
    .option('--tokens <n>', 'most tokens of a run’s answer', wholeNumber(1), 128)
    .option('--side-by-side <n>', 'questions that a run answers at once', wholeNumber(1), 8)

/**
 * Scores a file of answers, or lets a run answer and scores that.
 * @throws UsageError if the files cannot be used
 */
export async function evaluateOnBenchmark(
  cli: Cli,
  run: string | undefined,
  options: AnswersOptions,
): Promise<CommandResult> {
  if (options.benchmark === undefined)
    throw new UsageError(`name the benchmark: --benchmark ${benchmarkNames.join('|')}`)
  if ((run === undefined) === (options.answers === undefined))
    throw new UsageError('give either a run that answers, or a file of answers with --answers')
  if (options.details !== undefined) refuseOverwriting([options.details], options.force)
  try {
    const benchmark = await openBenchmark(options.benchmark, { ...options, split: options.questionSplit })
    return run === undefined ? await scoreFile(benchmark, options) : await askRun(cli, run, benchmark, options)
  } catch (error) {
    throw error instanceof BenchmarkError ? new UsageError(error.message, { cause: error }) : error
  }
}

async function scoreFile(benchmark: Benchmark, options: AnswersOptions): Promise<CommandResult> {
  const path = options.answers as string
  const given = await readAnswers(path, benchmark, options.ignoreUnknown ? 'ignore' : 'refuse')
  const { questions, warnings } = await withImages(benchmark, options.imagesFolder)
  return resultOf(await evaluate({ ...benchmark, questions }, given, basename(path), options, warnings), options)
}

/** The questions with the names of their pictures as they are in the folder, if there is one. */
async function withImages(
  { questions }: Benchmark,
  folder: string | undefined,
): Promise<{ questions: readonly BenchmarkQuestion[]; warnings: AnswerWarning[] }> {
  if (folder === undefined) return { questions, warnings: [] }
  const found = await findImages(questions, folder)
  return {
    questions: found.questions,
    warnings: found.missing.warnings('Pictures of questions are not in the folder.'),
  }
}

const evaluate = (
  benchmark: Benchmark,
  given: Awaited<ReturnType<typeof readAnswers>>,
  system: string,
  { unanswered }: AnswersOptions,
  warnings: readonly AnswerWarning[],
): Promise<Evaluation> =>
  evaluateAnswers(benchmark, given, { system, warnings, ...(unanswered === undefined ? {} : { unanswered }) })

/** Lets the run answer what is not answered yet, and scores all if that was not stopped. */
async function askRun(cli: Cli, run: string, whole: Benchmark, options: AnswersOptions): Promise<CommandResult> {
  const { out, imagesFolder = '', limit } = options
  if (out === undefined) throw new UsageError('name the file that the run’s answers go to: --out answers.jsonl')
  const questions = limit === 0 ? whole.questions : whole.questions.slice(0, limit)
  const files = questions.filter(({ image }) => image?.kind === 'file')
  if (files.length > 0) {
    if (imagesFolder === '') throw new UsageError('name the folder of the benchmark’s pictures: --images-folder')
    const { missing } = await findImages(files, imagesFolder)
    if (missing.count > 0)
      throw new UsageError(`${missing.count} of ${files.length} pictures are not in "${imagesFolder}": ${missing}`)
  }
  const benchmark = { ...whole, questions }
  const asked = await withRunModel(homeOf(cli, options), run, options.threads, (model) =>
    answerInto(cli, model, whole, questions, options, `${run}, step ${model.step}`),
  )
  if (asked.stopped)
    return {
      document: { run, step: asked.step, answered: asked.answered, questions: questions.length, out, result: null },
      text: `${asked.answered} of ${questions.length} questions are answered; the same command goes on: ${PROGRAM} evaluate ${run} … --out ${out}`,
      exitCode: exitCodes.interrupted,
    }
  if (asked.problems.count > 0 && (options.unanswered ?? benchmark.unanswered) === 'refuse')
    throw new UsageError(
      `${asked.problems.count} questions could not be asked: ${asked.problems}; let them count as wrong or leave them out with --unanswered`,
    )
  const given = await readAnswers(out, benchmark, 'ignore')
  const part = limit > 0 && limit < whole.questions.length ? partial(questions, whole.questions.length) : []
  const system = `${run}, step ${asked.step}`
  const unaskable = asked.problems.warnings('Questions could not be asked.')
  return resultOf(await evaluate(benchmark, given, system, options, [...part, ...unaskable]), options)
}

const partial = (questions: readonly BenchmarkQuestion[], all: number): AnswerWarning[] => [
  { message: `Only the first of ${all} questions were asked.`, count: questions.length, first: [] },
]

/** @param whole whose answers may be in the file before @param questions of it that are asked */
async function answerInto(
  cli: Cli,
  model: RunModel,
  whole: Benchmark,
  questions: readonly BenchmarkQuestion[],
  options: AnswersOptions,
  system: string,
) {
  const file = await openAnswerFile(options.out as string, whole, system)
  const stop = new AbortController()
  const interrupt = listenForInterrupt(
    cli.terminal,
    'Stopping; what is answered is kept. Ctrl-C again ends at once.',
    () => stop.abort(),
  )
  const progress = createProgress(cli.terminal)
  const problems = new Offenders()
  const all = questions.length
  let answered = questions.filter(({ id }) => file.answered.has(id)).length
  try {
    for await (const answer of answerBenchmark(
      model,
      { name: whole.name, questions },
      {
        folder: options.imagesFolder ?? '',
        answered: file.answered,
        newTokens: options.tokens,
        sideBySide: options.sideBySide,
        signal: stop.signal,
      },
    )) {
      if ('problem' in answer) problems.add(`${answer.question.id} (${answer.problem})`)
      else {
        file.append(answer.question, answer.prompt, answer.text)
        answered++
      }
      progress.show((answered + problems.count) / all, `${answered} of ${all} questions answered`)
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    progress.end()
    interrupt.release()
    file.close()
  }
  return { step: model.step, answered, problems, stopped: interrupt.asked() }
}

/** Figures by groups of more than so many are left to --json. */
const MOST_GROUPS = 24

function resultOf({ result, rows }: Evaluation, { details }: AnswersOptions): CommandResult {
  if (details !== undefined) {
    writeOutput(details, '')
    // In parts: all of them as one text would be longer than a string may be.
    for (let begin = 0; begin < rows.length; begin += 10_000) {
      const lines = rows.slice(begin, begin + 10_000).map((row) => `${JSON.stringify(row)}\n`)
      writeFileSync(details, lines.join(''), { flag: 'a' })
    }
  }
  const { headline, figures, questions, answered, warnings, benchmark } = result
  const shown = figures.filter(({ by, metric }) => groupsOf(figures, by, metric) <= MOST_GROUPS)
  const lines = shown.map(({ metric, by, group, percent, questions }) => [
    answerMetrics[metric].label,
    [by, group].filter((word) => word !== '').join(': ') || 'all',
    twoDecimals(percent),
    String(questions),
  ])
  return {
    document: { ...result, details: details ?? null },
    text: [
      `${benchmarkTitles[benchmark]}: ${twoDecimals(headline.percent)} % ${answerMetrics[headline.metric].label} (${answered} of ${questions} questions answered)`,
      table(['metric', 'of', '%', 'questions'], lines),
      ...warnings.map((warning) => `warning: ${warningText(warning)}`),
      ...(details === undefined ? [] : [details]),
    ].join('\n'),
  }
}

const groupsOf = (figures: readonly AnswerFigure[], by: string, metric: string): number =>
  figures.filter((figure) => figure.by === by && figure.metric === metric).length
