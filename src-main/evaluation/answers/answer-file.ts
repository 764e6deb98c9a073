import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Benchmark, BenchmarkQuestion } from './benchmark.ts'
import { BenchmarkError } from './benchmark-error.ts'
import { eachEntry } from './entries.ts'
import { readAnswers } from './read-answers.ts'

/** A file of answers that is being written: LLaVA's JSON lines, which LLaVA's own scripts read as well. */
export interface AnswerFile {
  /** Ids of the questions that were answered before. */
  answered: ReadonlySet<string>
  append(question: BenchmarkQuestion, prompt: string, text: string): void
  close(): void
}

const LINE = 0x0a

/**
 * Opens a file to answer a benchmark into, and goes on with one that holds answers already. What was written last of a line
 * that has no end, as a killed process leaves it, is dropped.
 * @param model who answers; a file holds the answers of one
 * @throws BenchmarkError if the file holds something else, or another model's answers
 */
export async function openAnswerFile(path: string, benchmark: Benchmark, model: string): Promise<AnswerFile> {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, existsSync(path) ? 'r+' : 'wx+')
  try {
    const bytes = readFileSync(file)
    const lines = bytes.lastIndexOf(LINE) + 1
    const tail = bytes.toString('utf8', lines)
    const isTorn = tail !== '' && jsonIn(tail) === undefined
    if (isTorn) checkOurs(path, bytes.toString('utf8', 0, Math.max(0, bytes.indexOf(LINE))) || tail)
    if (isTorn) ftruncateSync(file, lines)
    let end = isTorn ? lines : bytes.length
    const write = (text: string) => {
      const added = Buffer.from(text)
      for (let written = 0; written < added.length; )
        written += writeSync(file, added, written, added.length - written, end + written)
      end += added.length
    }
    const answered = end === 0 ? new Set<string>() : await answeredBefore(path, benchmark, model)
    if (tail !== '' && !isTorn) write('\n')
    return {
      answered,
      append: ({ key }, prompt, text) => write(`${JSON.stringify({ ...key, prompt, text, model_id: model })}\n`),
      close: () => closeSync(file),
    }
  } catch (error) {
    closeSync(file)
    throw error
  }
}

/** Who gave the answers of a file, as its first line says; null if there is none yet, or it does not say. */
export function answererOf(path: string): string | null {
  if (!existsSync(path)) return null
  const [line = ''] = readFileSync(path, 'utf8').split('\n', 1)
  const entry = jsonIn(line) as { model_id?: unknown } | null | undefined
  return typeof entry?.model_id === 'string' ? entry.model_id : null
}

/** @returns undefined for what is no JSON */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Nothing is dropped from a file that does not begin as ours do. @param line the first, or as much of it as there is */
function checkOurs(path: string, line: string): void {
  if (!/^\{"\w+":/.test(line))
    throw new BenchmarkError(`"${path}" holds something else than JSON lines of answers; choose another file`)
}

async function answeredBefore(path: string, benchmark: Benchmark, model: string): Promise<ReadonlySet<string>> {
  await eachEntry(path, 'answers', 'lines', (entry) => {
    const other = entry.textOr('model_id', '')
    if (other !== model)
      throw new BenchmarkError(
        `"${path}" holds answers of ${other === '' ? 'a system that it does not name' : `"${other}"`}, and "${model}" is to answer; choose another file`,
      )
  })
  return new Set((await readAnswers(path, benchmark)).answers.keys())
}
