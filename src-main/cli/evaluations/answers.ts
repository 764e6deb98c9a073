import { writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import {
  type AnswerFigure,
  answerMetrics,
  type BenchmarkName,
  benchmarkNames,
  benchmarkTitles,
  type UnansweredRule,
  unansweredRules,
  warningText,
} from '../../../src-shared/answer-results.ts'
import type { Benchmark } from '../../evaluation/answers/benchmark.ts'
import { BenchmarkError, type BenchmarkSetting } from '../../evaluation/answers/benchmark-error.ts'
import type { Evaluation } from '../../evaluation/answers/evaluate-answers.ts'
import { openBenchmark } from '../../evaluation/answers/open-benchmark.ts'
import { twoDecimals } from '../../evaluation/answers/python-text.ts'
import {
  type Asking,
  answerInto,
  progressOf,
  questionsToAsk,
  type Scoring,
  scoreFile,
  scoreRun,
  systemOf,
} from '../../jobs/answer-evaluation/benchmark-answers.ts'
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
    if (run !== undefined) return await askRun(cli, run, benchmark, options)
    const unknown = options.ignoreUnknown ? 'ignore' : 'refuse'
    return resultOf(await scoreFile(benchmark, options.answers as string, unknown, scoringOf(options)), options)
  } catch (error) {
    if (!(error instanceof BenchmarkError)) throw error
    const flag = error.setting === null ? '' : ` (${FLAGS[error.setting]})`
    throw new UsageError(`${error.message}${flag}`, { cause: error })
  }
}

const FLAGS: Readonly<Record<BenchmarkSetting, string>> = { images: '--images-folder', unanswered: '--unanswered' }

const scoringOf = ({ imagesFolder, unanswered }: AnswersOptions): Scoring => ({
  images: imagesFolder ?? null,
  unanswered,
})

/** Lets the run answer what is not answered yet, and scores all if that was not stopped. */
async function askRun(cli: Cli, run: string, whole: Benchmark, options: AnswersOptions): Promise<CommandResult> {
  const { out, limit, tokens, sideBySide } = options
  if (out === undefined) throw new UsageError('name the file that the run’s answers go to: --out answers.jsonl')
  const { images, unanswered } = scoringOf(options)
  const questions = await questionsToAsk(whole, limit, images)
  const stop = new AbortController()
  const interrupt = listenForInterrupt(
    cli.terminal,
    'Stopping; what is answered is kept. Ctrl-C again ends at once.',
    () => stop.abort(),
  )
  const progress = createProgress(cli.terminal)
  const asking: Asking = {
    ...{ out, images, newTokens: tokens, sideBySide, signal: stop.signal },
    onProgress: (state, all) => progress.show(...progressOf(state, all)),
  }
  try {
    const asked = await withRunModel(homeOf(cli, options), run, options.threads, async (model) => ({
      step: model.step,
      system: systemOf(run, model),
      ...(await answerInto(model, run, whole, questions, asking)),
    }))
    progress.end()
    if (interrupt.asked())
      return {
        document: { run, step: asked.step, answered: asked.answered, questions: questions.length, out, result: null },
        text: `${asked.answered} of ${questions.length} questions are answered; the same command goes on: ${PROGRAM} evaluate ${run} … --out ${out}`,
        exitCode: exitCodes.interrupted,
      }
    return resultOf(await scoreRun(whole, questions, { ...asked, out }, unanswered), options)
  } finally {
    progress.end()
    interrupt.release()
  }
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
