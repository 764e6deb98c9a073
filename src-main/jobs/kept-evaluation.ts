import { closeSync, createReadStream, fsyncSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { QuestionResult } from '../../src-shared/answer-results.ts'
import {
  type EvaluationResult,
  evaluationOrderSchema,
  evaluationResultSchema,
  type KeptEvaluation,
  type QuestionFilter,
  questionKind,
} from '../../src-shared/kept-evaluations.ts'
import type { QuestionImage } from '../evaluation/answers/benchmark.ts'
import { writeFileAtomic, writeJsonAtomic } from './atomic-file.ts'

/**
 * The directory of a kept evaluation: asked.json before it begins, answers.jsonl while a run answers, and at the end
 * questions.ndjson with its index and result.json, which comes last and says that it is done.
 */
export const evaluationFiles = (directory: string) => ({
  asked: join(directory, 'asked.json'),
  answers: join(directory, 'answers.jsonl'),
  questions: join(directory, 'questions.ndjson'),
  index: join(directory, 'questions.index'),
  result: join(directory, 'result.json'),
})

/** A line of questions.ndjson: a question's result, and where its picture is. */
export type StoredQuestion = QuestionResult & { picture: QuestionImage | null }

const LINE = 0x0a

/** @throws Error naming the file that cannot be read */
export function readKeptEvaluation(directory: string, id: string): Omit<KeptEvaluation, 'isBeingScored'> {
  const files = evaluationFiles(directory)
  const { createdAt, asked } = evaluationOrderSchema.parse(jsonOf(files.asked))
  const isDone = statSync(files.result, { throwIfNoEntry: false }) !== undefined
  const isOfRun = asked.kind === 'answers' && asked.by.kind === 'run'
  return {
    ...{ id, createdAt, asked },
    result: isDone ? evaluationResultSchema.parse(jsonOf(files.result)) : null,
    answered: isOfRun && !isDone ? linesOf(files.answers) : null,
  }
}

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

function linesOf(path: string): number {
  if (!statSync(path, { throwIfNoEntry: false })) return 0
  let lines = 0
  for (const byte of readFileSync(path)) if (byte === LINE) lines++
  return lines
}

/** What a question is in the index: the filters but for "all". */
const kinds = ['unanswered', 'wrong', 'partly', 'right'] as const satisfies readonly QuestionFilter[]

/** A record of the index: offset of the line (float64), its length in bytes (uint32), its kind (uint8); little endian. */
const RECORD = 13
/** Lines that are written at once. */
const PART = 10_000

/** Writes the questions, and an index by which any of them is found without reading the others. */
export function writeQuestions(directory: string, questions: readonly StoredQuestion[]): void {
  const files = evaluationFiles(directory)
  const index = Buffer.alloc(questions.length * RECORD)
  const file = openSync(files.questions, 'w', 0o600)
  try {
    let offset = 0
    for (let begin = 0; begin < questions.length; begin += PART) {
      const lines = questions.slice(begin, begin + PART).map((question) => Buffer.from(`${JSON.stringify(question)}\n`))
      for (const [at, line] of lines.entries()) {
        const record = (begin + at) * RECORD
        index.writeDoubleLE(offset, record)
        index.writeUInt32LE(line.length, record + 8)
        index.writeUInt8(kinds.indexOf(questionKind(questions[begin + at] as StoredQuestion)), record + 12)
        offset += line.length
      }
      const bytes = Buffer.concat(lines)
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
    }
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  writeFileAtomic(files.index, index)
}

/** All questions in order, read in one go. */
export async function* eachQuestion(directory: string): AsyncGenerator<StoredQuestion> {
  const lines = createInterface({ input: createReadStream(evaluationFiles(directory).questions) })
  for await (const line of lines) yield JSON.parse(line) as StoredQuestion
}

export function writeEvaluationResult(directory: string, result: EvaluationResult): void {
  writeJsonAtomic(evaluationFiles(directory).result, result)
}

/** The questions of a kept evaluation, of which only those that are asked for are read. */
export interface QuestionList {
  counts: Record<QuestionFilter, number>
  /** Places of the questions of a kind, rising. */
  places(which: QuestionFilter): Uint32Array
  /** @throws RangeError if there is none at that place */
  read(place: number): StoredQuestion
}

/** @throws Error naming the file that cannot be read */
export function openQuestions(directory: string): QuestionList {
  const files = evaluationFiles(directory)
  const index = readFileSync(files.index)
  const count = Math.floor(index.length / RECORD)
  const kindAt = (place: number): number => index.readUInt8(place * RECORD + 12)
  const all = Uint32Array.from({ length: count }, (_, place) => place)
  const by = kinds.map((_, kind) => all.filter((place) => kindAt(place) === kind))
  const places = (which: QuestionFilter): Uint32Array =>
    which === 'all' ? all : (by[kinds.indexOf(which)] as Uint32Array)
  return {
    counts: {
      all: count,
      ...(Object.fromEntries(kinds.map((kind, at) => [kind, (by[at] as Uint32Array).length])) as Record<
        (typeof kinds)[number],
        number
      >),
    },
    places,
    read(place) {
      if (!(place >= 0 && place < count)) throw new RangeError(`there is no question ${place} among ${count}`)
      const line = Buffer.alloc(index.readUInt32LE(place * RECORD + 8))
      const file = openSync(files.questions, 'r')
      try {
        const read = readSync(file, line, 0, line.length, index.readDoubleLE(place * RECORD))
        return JSON.parse(line.toString('utf8', 0, read)) as StoredQuestion
      } finally {
        closeSync(file)
      }
    },
  }
}
