import { open } from 'node:fs/promises'
import { ITEM_LIMIT, JsonItemsError, jsonLines, jsonList } from '../../data/json-items.ts'
import { DataError } from '../../data/source.ts'
import { RangeFile } from '../../data/sources/files.ts'
import { jsonRecords } from '../../data/sources/json-records.ts'
import { BenchmarkError } from './benchmark-error.ts'
import { Offenders } from './offenders.ts'

/** What is wrong with one entry of a file: "has no question_id". */
export class EntryProblem extends Error {
  override name = 'EntryProblem'
}

/** The named values of one entry of a file. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values
  }
  has(name: string): boolean {
    return this.#values[name] !== undefined && this.#values[name] !== null
  }
  value(name: string): unknown {
    return this.#values[name]
  }
  /** @throws EntryProblem if there is none, or it is no text */
  text(name: string): string {
    const value = this.#values[name]
    if (typeof value === 'string') return value
    throw this.#problem(name, 'text')
  }
  textOr(name: string, otherwise: string): string {
    return this.has(name) ? this.text(name) : otherwise
  }
  /** A name or a number that something is known by. @throws EntryProblem if there is none */
  key(name: string): string | number {
    const value = this.#values[name]
    if ((typeof value === 'string' && value !== '') || Number.isSafeInteger(value)) return value as string | number
    throw this.#problem(name, 'a name or a whole number')
  }
  /** @throws EntryProblem if it is no list */
  list(name: string): readonly unknown[] {
    const value = this.#values[name]
    if (Array.isArray(value)) return value
    throw this.#problem(name, 'a list')
  }
  #problem(name: string, wanted: string): EntryProblem {
    const value = this.#values[name]
    if (value === undefined || value === null) return new EntryProblem(`has no ${name}`)
    return new EntryProblem(`has as ${name} ${JSON.stringify(value)?.slice(0, 60)}, and ${wanted} is wanted`)
  }
}

export type EntryForm =
  /** A JSON list. */
  | 'list'
  /** A JSON object a line. */
  | 'lines'
  /** A list of this name in a JSON object, beside others. */
  | { list: string }

/**
 * Reads the entries of a file one after the other; the file is never in memory as a whole.
 * @param what is read, for messages: "questions"
 * @throws BenchmarkError if there is no such file, it is of another form or truncated, or any entry is none; the first of
 * those are named
 */
export async function eachEntry(
  path: string,
  what: string,
  form: EntryForm,
  use: (entry: Fields, number: number) => void,
): Promise<void> {
  const bad = new Offenders()
  let number = 0
  await eachItem(path, what, form, (bytes) => {
    number++
    try {
      use(new Fields(parsed(bytes)), number)
    } catch (error) {
      if (!(error instanceof EntryProblem)) throw error
      bad.add(`${form === 'lines' ? 'line' : 'entry'} ${number} ${error.message}`)
    }
  })
  if (bad.count > 0)
    throw new BenchmarkError(`${bad.count} of ${number} ${what} of "${path}" cannot be used: ${bad}; correct the file`)
  if (number === 0) throw new BenchmarkError(`"${path}" holds no ${what}; give the official file`)
}

function parsed(bytes: Uint8Array | null): Record<string, unknown> {
  if (bytes === null) throw new EntryProblem(`is longer than ${ITEM_LIMIT >> 20} MiB`)
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    throw new EntryProblem('is not JSON')
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new EntryProblem('is no JSON object')
  return value as Record<string, unknown>
}

type TakeItem = (bytes: Uint8Array | null) => void

async function eachItem(path: string, what: string, form: EntryForm, take: TakeItem): Promise<void> {
  const file = await openFile(path, what)
  try {
    if (typeof form === 'object') await eachListed(path, what, form.list, take)
    else for await (const { bytes } of form === 'list' ? jsonList(file) : jsonLines(file)) take(bytes)
  } catch (error) {
    if (error instanceof JsonItemsError) throw new BenchmarkError(`"${path}" ${error.message}`, { cause: error })
    if (error instanceof DataError) throw new BenchmarkError(error.message, { cause: error })
    throw error
  } finally {
    await file.close()
  }
}

async function eachListed(path: string, what: string, name: string, take: TakeItem): Promise<void> {
  const file = await RangeFile.open(path, what)
  const others = new Set<string>()
  let found = false
  try {
    for await (const { list, bytes } of jsonRecords(file)) {
      if (list !== name) others.add(list)
      else {
        found = true
        take(bytes)
      }
    }
  } finally {
    await file.close()
  }
  if (!found)
    throw new BenchmarkError(
      `"${path}" has no list "${name}"${others.size > 0 ? `, but ${[...others].map((other) => `"${other}"`).join(', ')}` : ''}; give the official file of ${what}`,
    )
}

/** @throws BenchmarkError naming the file if there is none */
export async function openFile(path: string, what: string) {
  const problem = (reason: string, cause?: unknown) =>
    new BenchmarkError(`the ${what} cannot be read: ${reason}`, { cause })
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw problem(cause.code === 'ENOENT' ? `there is no file "${path}"` : `"${path}": ${cause.message}`, cause)
  })
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw problem(`"${path}" is not a file`)
}

/** The first byte of a file that is no blank and no byte order mark, as a character; '' for an empty one. */
export async function firstCharacter(path: string, what: string): Promise<string> {
  const file = await openFile(path, what)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
    return buffer
      .subarray(0, bytesRead)
      .toString('utf8')
      .replace(/^\ufeff/, '')
      .trimStart()
      .slice(0, 1)
  } finally {
    await file.close()
  }
}
