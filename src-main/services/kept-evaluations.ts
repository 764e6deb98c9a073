import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { holdsPictures } from '../../src-shared/answer-results.ts'
import type { MeasuringProgress } from '../../src-shared/codebook-evaluation.ts'
import {
  type AskedEvaluation,
  evaluationTitle,
  type KeptEvaluation,
  type ListedQuestion,
  type QuestionFilter,
} from '../../src-shared/kept-evaluations.ts'
import { encodeSafetensors } from '../../src-shared/safetensors.ts'
import { decodeWithin } from '../data/decode-picture.ts'
import { reasonOf } from '../data/source.ts'
import { ON_WHITE } from '../data/sources/folder-files.ts'
import { imageBytes } from '../evaluation/answers/images.ts'
import { writeJsonAtomic } from '../jobs/atomic-file.ts'
import {
  eachQuestion,
  evaluationFiles,
  openQuestions,
  type QuestionList,
  readKeptEvaluation,
  type StoredQuestion,
} from '../jobs/kept-evaluation.ts'
import { newRunId, runPath } from '../jobs/run-id.ts'
import type { Context } from './context.ts'
import { badRequest, conflict, notFound, unreadable } from './errors.ts'
import type { MeasuringTurn } from './measuring-turn.ts'
import type { MultimodalService } from './multimodal.ts'
import { problemsOfPaths } from './paths-asked.ts'

export type KeptEvaluationsService = ReturnType<typeof createKeptEvaluationsService>

/** Longest side of a picture that no run looks at. */
const SHOWN = 512

/**
 * Answers to benchmarks and pictures of any system that are scored on request and kept in the home. Every method throws the
 * contract's errors.
 */
export function createKeptEvaluationsService(
  { home, runs, changes }: Pick<Context, 'home' | 'runs' | 'changes'>,
  turn: MeasuringTurn,
  { encodeFile }: Pick<MultimodalService, 'encodeFile'>,
) {
  /** Questions of the evaluation that was looked at last. */
  let opened: { id: string; finishedAt: number; list: QuestionList } | null = null

  const withState = (kept: Omit<KeptEvaluation, 'isBeingScored'>): KeptEvaluation => ({
    ...kept,
    isBeingScored: turn.isBusyWith({ kind: 'evaluation', directory: runPath(home.evaluations, kept.id) }),
  })

  function read(id: string): KeptEvaluation {
    const directory = runPath(home.evaluations, id)
    if (!existsSync(directory))
      throw notFound(`there is no evaluation ${id}`, 'It may have been removed; reload the list.')
    try {
      return withState(readKeptEvaluation(directory, id))
    } catch (error) {
      throw unreadable(
        `evaluation ${id} cannot be read: ${(error as Error).message}`,
        'Remove it, or put its files back.',
      )
    }
  }

  function questionsOf({ id, result }: KeptEvaluation): QuestionList {
    if (result?.kind !== 'answers')
      throw conflict(`evaluation ${id} has no scored answers`, 'Go on with it, or choose one of answers that is done.')
    if (opened?.id !== id || opened.finishedAt !== result.finishedAt)
      opened = { id, finishedAt: result.finishedAt, list: listOf(id) }
    return opened.list
  }

  function listOf(id: string): QuestionList {
    try {
      return openQuestions(runPath(home.evaluations, id))
    } catch (error) {
      throw unreadable(
        `the questions of evaluation ${id} cannot be read: ${(error as Error).message}`,
        'Remove it and score the answers again.',
      )
    }
  }

  function questionAt(kept: KeptEvaluation, place: number): StoredQuestion {
    try {
      return questionsOf(kept).read(place)
    } catch (error) {
      if (error instanceof RangeError) throw notFound(error.message, 'Reload the list of questions.')
      throw error
    }
  }

  return {
    list(): { evaluations: KeptEvaluation[]; unreadable: { id: string; why: string }[] } {
      const damaged: { id: string; why: string }[] = []
      const evaluations = readdirSync(home.evaluations)
        .filter((name) => !name.startsWith('.'))
        .flatMap((id) => {
          try {
            return [withState(readKeptEvaluation(runPath(home.evaluations, id), id))]
          } catch (error) {
            damaged.push({ id, why: (error as Error).message })
            return []
          }
        })
      return { evaluations: evaluations.sort((a, b) => b.createdAt - a.createdAt), unreadable: damaged }
    },
    get: read,
    create(asked: AskedEvaluation): { id: string } {
      const run = askedRun(asked)
      if (run !== null && !runs.row(run))
        throw badRequest(`there is no run ${run}`, 'It may have been removed; choose another.')
      const problems = [...problemsOfPaths(asked), ...unshown(asked)]
      if (problems.length > 0)
        throw badRequest('it cannot be scored as it stands', 'Correct what is named here.', problems)
      const id = newRunId()
      const directory = runPath(home.evaluations, id)
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      writeJsonAtomic(evaluationFiles(directory).asked, { createdAt: Date.now(), asked })
      changes.emit({ topic: 'evaluations' })
      return { id }
    },
    async *score(id: string, signal?: AbortSignal): AsyncGenerator<MeasuringProgress, void> {
      const { asked, result } = read(id)
      if (result) throw conflict(`evaluation ${id} is done`, 'Make a new one to score other answers or pictures.')
      const task = { kind: 'evaluation' as const, directory: runPath(home.evaluations, id) }
      try {
        let isTold = false
        for await (const progress of turn.measure(task, `scoring ${evaluationTitle(asked)}`, signal)) {
          // Windows that show it learn that it is being scored.
          if (!isTold) changes.emit({ topic: 'evaluations' })
          isTold = true
          yield progress
        }
      } finally {
        changes.emit({ topic: 'evaluations' })
      }
    },
    remove(id: string): null {
      const directory = runPath(home.evaluations, id)
      if (!existsSync(directory)) throw notFound(`there is no evaluation ${id}`, 'It is gone already.')
      if (turn.isBusyWith({ kind: 'evaluation', directory }))
        throw conflict(`evaluation ${id} is being scored`, 'Stop it first.')
      rmSync(directory, { recursive: true })
      if (opened?.id === id) opened = null
      changes.emit({ topic: 'evaluations' })
      return null
    },
    questions(
      id: string,
      { which, from, count }: { which: QuestionFilter; from: number; count: number },
    ): { counts: Record<QuestionFilter, number>; questions: ListedQuestion[] } {
      const list = questionsOf(read(id))
      const places = [...list.places(which).subarray(from, from + count)]
      return { counts: list.counts, questions: places.map((place) => listed(list.read(place), place)) }
    },
    /** The figures with their cards, as `evaluate --json` writes them; of answers, the score of each question as well. */
    async document(id: string): Promise<string> {
      const { result } = read(id)
      if (!result) throw conflict(`evaluation ${id} is not done`, 'Go on with it first.')
      if (result.kind === 'pictures') return JSON.stringify(result)
      const scores: Record<string, number> = {}
      for await (const question of eachQuestion(runPath(home.evaluations, id))) scores[question.id] = question.score
      return JSON.stringify({ ...result.result, scores })
    },
    async picture(
      id: string,
      place: number,
      run: string | null,
      signal?: AbortSignal,
    ): Promise<{ codes: number[][]; file: Blob } | null> {
      const kept = read(id)
      const { asked } = kept
      const { picture, image } = questionAt(kept, place)
      if (picture === null || asked.kind !== 'answers') return null
      // A name in a benchmark's file says nothing without the folder that it is in.
      if (picture.kind === 'file' && asked.images === '') return null
      const bytes = await readableImage(image, () => imageBytes(picture, asked.images))
      if (run !== null) return encodeFile(run, bytes, signal)
      const { data, width, height } = await readableImage(image, () => decodeWithin({ ...ON_WHITE, bytes }, SHOWN))
      const file = encodeSafetensors({ picture: { dtype: 'U8', shape: [height, width, 3], data } })
      return { codes: [], file: new Blob([file as Uint8Array<ArrayBuffer>]) }
    },
  }
}

/** A run that is asked about pictures that are files must be shown them. */
const unshown = (asked: AskedEvaluation): { path: string; message: string }[] =>
  asked.kind === 'answers' && asked.by.kind === 'run' && asked.images === '' && !holdsPictures(asked.benchmark)
    ? [{ path: 'images', message: 'a run has to be shown the pictures; name their folder' }]
    : []

function askedRun(asked: AskedEvaluation): string | null {
  if (asked.kind === 'answers') return asked.by.kind === 'run' ? asked.by.run : null
  return asked.reference?.kind === 'run' ? asked.reference.run : null
}

const listed = ({ picture: _, ...question }: StoredQuestion, place: number): ListedQuestion => ({ ...question, place })

async function readableImage<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw unreadable(
      `the picture "${name}" cannot be read: ${reasonOf(error)}`,
      'Put the benchmark’s pictures back where they were.',
    )
  }
}
