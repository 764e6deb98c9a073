import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  type AskedAnswers,
  type AskedPictures,
  type EvaluationResult,
  evaluationOrderSchema,
} from '../../src-shared/kept-evaluations.ts'
import { answererOf } from '../evaluation/answers/answer-file.ts'
import type { Benchmark, BenchmarkQuestion } from '../evaluation/answers/benchmark.ts'
import type { Evaluation } from '../evaluation/answers/evaluate-answers.ts'
import { openBenchmark } from '../evaluation/answers/open-benchmark.ts'
import { conventions } from '../evaluation/images/input-conventions.ts'
import {
  answerInto,
  progressOf,
  questionsToAsk,
  type Scoring,
  scoreFile,
  scoreRun,
  systemOf,
} from './answer-evaluation/benchmark-answers.ts'
import type { ReferencePlace } from './image-evaluation/open-reference.ts'
import { type ImageEvaluationRequest, runImageEvaluation } from './image-evaluation/run-image-evaluation.ts'
import { evaluationFiles, writeEvaluationResult, writeQuestions } from './kept-evaluation.ts'
import { runPath } from './run-id.ts'
import { newestStep, openRunModel } from './speech/open-run-model.ts'

/** Where things are, and who is told how far the work is. */
export interface EvaluationPlace {
  /** The home's cache. */
  cacheDir: string
  threads: number
  progress: (share: number, words: string) => void
}

/** The process is ended where the work is to stop: answers are written one by one. */
const neverStopped = new AbortController().signal
/** Questions that a run answers side by side. */
const SIDE_BY_SIDE = 8
/** Names of pictures that could not be read which are kept. */
const NAMED = 20

/**
 * Does what a kept evaluation's asked.json asks, and writes its result beside it. One that was stopped goes on where a
 * run's answers end.
 * @throws what the evaluation throws
 */
export async function runKeptEvaluation(directory: string, place: EvaluationPlace): Promise<void> {
  const { asked } = evaluationOrderSchema.parse(JSON.parse(readFileSync(evaluationFiles(directory).asked, 'utf8')))
  mkdirSync(place.cacheDir, { recursive: true, mode: 0o700 })
  writeEvaluationResult(
    directory,
    asked.kind === 'answers' ? await answersOf(directory, asked, place) : await picturesOf(asked, place),
  )
}

async function answersOf(directory: string, asked: AskedAnswers, place: EvaluationPlace): Promise<EvaluationResult> {
  const { benchmark: name, questions, annotations, questionSplit, ocr, by } = asked
  place.progress(0, 'reading the benchmark')
  const benchmark = await openBenchmark(name, { questions, annotations, split: questionSplit, ocr })
  const scoring: Scoring = {
    images: asked.images === '' ? null : asked.images,
    unanswered: asked.unanswered ?? undefined,
  }
  const { evaluation, of } =
    by.kind === 'file'
      ? { evaluation: await scoreFile(benchmark, by.path, by.unknown, scoring), of: benchmark.questions }
      : await answeredByRun(directory, benchmark, by, scoring, place)
  place.progress(1, 'writing the questions')
  const images = new Map(of.map(({ id, image }) => [id, image]))
  const rows = evaluation.rows.map((row) => ({ ...row, picture: images.get(row.id) ?? null }))
  writeQuestions(directory, rows)
  return { kind: 'answers', finishedAt: Date.now(), result: evaluation.result }
}

async function answeredByRun(
  directory: string,
  benchmark: Benchmark,
  { run, limit, newTokens }: AskedAnswers['by'] & { kind: 'run' },
  { images, unanswered }: Scoring,
  { cacheDir, threads, progress }: EvaluationPlace,
): Promise<{ evaluation: Evaluation; of: readonly BenchmarkQuestion[] }> {
  const questions = await questionsToAsk(benchmark, limit, images)
  const out = evaluationFiles(directory).answers
  const runDirectory = runPath(join(dirname(cacheDir), 'runs'), run)
  const step = newestStep(runDirectory)
  if (step !== null) checkAnswerer(out, systemOf(run, { step }))
  progress(0, 'opening the run')
  const model = await openRunModel(runDirectory, cacheDir, threads)
  try {
    const asked = await answerInto(model, run, benchmark, questions, {
      ...{ out, images, newTokens, sideBySide: SIDE_BY_SIDE, signal: neverStopped },
      onProgress: (state, all) => progress(...progressOf(state, all)),
    })
    const evaluation = await scoreRun(benchmark, questions, { ...asked, out, system: systemOf(run, model) }, unanswered)
    return { evaluation, of: questions }
  } finally {
    await model.close()
  }
}

/** @throws Error if the answers that are there are those of another step of the run */
function checkAnswerer(out: string, system: string): void {
  const other = answererOf(out)
  if (other !== null && other !== system)
    throw new Error(
      `${other} gave the answers that are kept, and the run has been trained on since: its newest checkpoint is that of ${system}; score anew`,
    )
}

async function picturesOf(
  asked: AskedPictures,
  { cacheDir, threads, progress }: EvaluationPlace,
): Promise<EvaluationResult> {
  progress(0, 'reading the pictures')
  const { cards, unreadable } = await runImageEvaluation(
    requestOf(asked, join(dirname(cacheDir), 'runs')),
    { cache: cacheDir, threads },
    {
      onProgress: (done, total, what) => progress(total === 0 ? 1 : done / total, `${what} ${done} of ${total}`),
      signal: neverStopped,
    },
  )
  return {
    kind: 'pictures',
    finishedAt: Date.now(),
    cards: [...cards],
    unreadable: {
      count: unreadable.length,
      first: unreadable.slice(0, NAMED).map(({ file, reason }) => `${file}: ${reason}`),
    },
  }
}

function requestOf(asked: AskedPictures, runs: string): ImageEvaluationRequest {
  const { images, reference, role, extractor, resize, side, lpips, clip, seed } = asked
  const convention = conventions.find(({ name }) => name === resize)
  const place = (): ReferencePlace | null => {
    if (reference === null) return null
    if (reference.kind === 'folder') return { folder: reference.path }
    if (reference.kind === 'statistics') return { statistics: reference.path }
    return { run: runPath(runs, reference.run), split: reference.split }
  }
  return {
    ...{ images, role, seed },
    reference: place(),
    extractors: [extractor ? { kind: extractor.name, path: extractor.path, convention } : { kind: 'mobilenet-v2' }],
    metrics: null,
    side: side === 0 ? null : side,
    lpips: lpips === '' ? null : lpips,
    clipText: clip && {
      model: clip.text,
      tokenizer: clip.tokenizer,
      captions: clip.captions === '' ? null : clip.captions,
    },
    saveStatistics: null,
  }
}
