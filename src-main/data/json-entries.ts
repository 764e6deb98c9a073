import { type FileHandle, open } from 'node:fs/promises'
import { ITEM_LIMIT, type JsonItem, JsonItemsError, jsonLines, jsonList } from './json-items.ts'
import { createRandom } from './random.ts'
import { DataError } from './source.ts'

/** llava: a JSON list. jsonl: an entry a line. */
export type EntryFormat = 'llava' | 'jsonl'

/** Entries of one side of a split, by their place, in memory or in a file. */
export interface EntrySet<T> {
  readonly count: number
  /** @param rows places, each below `count` @throws DataError if the file has changed since it was opened */
  read(rows: readonly number[]): Promise<T[]>
}

/** Entries that cannot be used, by what is wrong with them; of each the first ones, as "file: entry 17 (byte 4096)". */
export interface Skipped {
  reason: string
  count: number
  first: string[]
}

export interface EntrySource<T> {
  training: EntrySet<T>
  heldOut: EntrySet<T>
  skipped: Skipped[]
  close(): Promise<void>
}

/** What a file's entries are read as. */
export interface EntryReading<T> {
  /** What the entries are called in messages: "dialogues". */
  plural: string
  /** @param place "file: entry 17 (byte 4096)", counted from 0 @returns the entry, or what is wrong with it */
  parse(json: unknown, place: string): T | string
  /** What decides on which side an entry falls: the same content falls on the same side, in any file. */
  contentOf(entry: T): string
}

/** Share of the entries held out, by the hash of their content. */
const HELD_OUT = 0.1
/** Entries that are named of each thing that is wrong. */
const NAMED = 5

/**
 * Opens a file of many entries. It is read through once to find them; of each only the place is kept, and a batch's entries
 * are read from there. So a file of any size takes some bytes of memory an entry. What is no entry is counted and skipped.
 * @param limit use at most so many (0: all)
 * @throws DataError if the file cannot be read, is of another format, is truncated, or leaves one side empty
 */
export async function openEntries<T extends object>(
  path: string,
  format: EntryFormat,
  limit: number,
  { plural, parse, contentOf }: EntryReading<T>,
): Promise<EntrySource<T>> {
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new DataError(cause.code === 'ENOENT' ? `there is no file ${path}` : `${path}: ${cause.message}`, { cause })
  })
  const read = ({ bytes }: JsonItem, place: string): T | string => {
    if (!bytes) return `is longer than ${ITEM_LIMIT >> 20} MiB`
    let json: unknown
    try {
      json = JSON.parse(new TextDecoder().decode(bytes))
    } catch {
      return 'is not JSON'
    }
    return parse(json, place)
  }
  const isHeldOut = (entry: T) => createRandom(0, 'dialogue', contentOf(entry)).uniform() < HELD_OUT
  try {
    if (!(await file.stat()).isFile()) throw new DataError(`${path} is not a file`)
    const sides = { training: new Places(path), heldOut: new Places(path) }
    const skipped = new Map<string, Skipped>()
    let number = 0
    for await (const item of format === 'llava' ? jsonList(file) : jsonLines(file)) {
      if (limit > 0 && sides.training.count + sides.heldOut.count >= limit) break
      const place = placeOf(path, number, item.offset)
      const found = read(item, place)
      if (typeof found === 'string') {
        const known = skipped.get(found) ?? { reason: found, count: 0, first: [] }
        known.count++
        if (known.first.length < NAMED) known.first.push(place)
        skipped.set(found, known)
      } else sides[isHeldOut(found) ? 'heldOut' : 'training'].add({ ...item, number })
      number++
    }
    // A handful may leave nothing held out by chance, and losses are measured on something.
    if (sides.heldOut.count === 0 && sides.training.count > 1) sides.heldOut.take(sides.training)
    if (sides.training.count === 0 || sides.heldOut.count === 0)
      throw new DataError(
        `${path} has ${sides.training.count} ${plural} to train on and ${sides.heldOut.count} held out, and neither may be empty${reasons(skipped)}`,
      )
    return {
      training: sides.training.over(file, read),
      heldOut: sides.heldOut.over(file, read),
      skipped: [...skipped.values()],
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    if (error instanceof JsonItemsError) throw new DataError(`${path} ${error.message}`, { cause: error })
    throw error
  }
}

const placeOf = (path: string, number: number, offset: number): string => `${path}: entry ${number} (byte ${offset})`

const reasons = (skipped: ReadonlyMap<string, Skipped>): string =>
  skipped.size === 0
    ? ''
    : `; skipped: ${Array.from(skipped.values(), ({ reason, count, first }) => `${count} (${reason}; ${first[0]})`).join(', ')}`

interface Place {
  number: number
  offset: number
  length: number
}

/** Where the entries of one side stand. */
class Places {
  readonly #path: string
  #numbers: number[] = []
  #offsets: number[] = []
  #lengths: number[] = []

  constructor(path: string) {
    this.#path = path
  }
  get count(): number {
    return this.#offsets.length
  }
  add({ number, offset, length }: Place): void {
    this.#numbers.push(number)
    this.#offsets.push(offset)
    this.#lengths.push(length)
  }
  /** Takes the last entry of another side. */
  take(other: Places): void {
    this.add({
      number: other.#numbers.pop() as number,
      offset: other.#offsets.pop() as number,
      length: other.#lengths.pop() as number,
    })
  }
  over<T>(file: FileHandle, parse: (item: JsonItem, place: string) => T | string): EntrySet<T> {
    return {
      count: this.count,
      read: (rows) =>
        Promise.all(
          rows.map(async (row) => {
            const [offset, length] = [this.#offsets[row] as number, this.#lengths[row] as number]
            const bytes = new Uint8Array(length)
            await file.read(bytes, 0, length, offset)
            const place = placeOf(this.#path, this.#numbers[row] as number, offset)
            const entry = parse({ offset, length, bytes }, place)
            if (typeof entry !== 'string') return entry
            throw new DataError(`${place} has changed since the file was opened: it ${entry}`)
          }),
        ),
    }
  }
}
