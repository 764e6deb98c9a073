import { type FileHandle, open } from 'node:fs/promises'
import { dialogueOf } from './dialogue-of.ts'
import type { Dialogue, DialogueSet, DialogueSource } from './dialogues.ts'
import { ITEM_LIMIT, type JsonItem, JsonItemsError, jsonLines, jsonList } from './json-items.ts'
import { createRandom } from './random.ts'
import { DataError } from './source.ts'

/** llava: a JSON list. jsonl: an entry a line. */
export type DialogueFormat = 'llava' | 'jsonl'

/** Share of the dialogues held out, by the hash of their content. */
const HELD_OUT = 0.1

/**
 * Opens a file of dialogues. It is read through once to find its entries; of each only the place is kept, and a batch's
 * dialogues are read from there. So a file of any size takes some bytes of memory an entry. Entries that are no dialogue are
 * counted and skipped.
 * @param limit use at most so many (0: all)
 * @throws DataError if the file cannot be read, is of another format, is truncated, or leaves one side empty
 */
export async function openDialogueFile(path: string, format: DialogueFormat, limit: number): Promise<DialogueSource> {
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new DataError(cause.code === 'ENOENT' ? `there is no file ${path}` : `${path}: ${cause.message}`, { cause })
  })
  try {
    if (!(await file.stat()).isFile()) throw new DataError(`${path} is not a file`)
    const sides = { training: new Places(), heldOut: new Places() }
    const skipped = new Map<string, { count: number; first: string }>()
    for await (const item of format === 'llava' ? jsonList(file) : jsonLines(file)) {
      if (limit > 0 && sides.training.count + sides.heldOut.count >= limit) break
      const found = parse(item)
      if (typeof found === 'string') {
        const known = skipped.get(found)
        if (known) known.count++
        else skipped.set(found, { count: 1, first: `the one at byte ${item.offset}` })
      } else sides[isHeldOut(found) ? 'heldOut' : 'training'].add(item)
    }
    // A handful may leave nothing held out by chance, and perplexity is measured on something.
    if (sides.heldOut.count === 0 && sides.training.count > 1) sides.heldOut.take(sides.training)
    if (sides.training.count === 0 || sides.heldOut.count === 0)
      throw new DataError(
        `${path} has ${sides.training.count} dialogues to train on and ${sides.heldOut.count} held out, and neither may be empty${reasons(skipped)}`,
      )
    return {
      training: sides.training.over(file, path),
      heldOut: sides.heldOut.over(file, path),
      skipped: Array.from(skipped, ([reason, { count, first }]) => ({ reason, count, first })),
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    if (error instanceof JsonItemsError) throw new DataError(`${path} ${error.message}`, { cause: error })
    throw error
  }
}

const reasons = (skipped: ReadonlyMap<string, { count: number }>): string =>
  skipped.size === 0
    ? ''
    : `; skipped: ${Array.from(skipped, ([reason, { count }]) => `${count} (${reason})`).join(', ')}`

const isHeldOut = (turns: Dialogue): boolean =>
  createRandom(0, 'dialogue', turns.map(({ question, answer }) => `${question}\n${answer}`).join('\n')).uniform() <
  HELD_OUT

function parse({ bytes }: JsonItem): Dialogue | string {
  if (!bytes) return `is longer than ${ITEM_LIMIT >> 20} MiB`
  try {
    return dialogueOf(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    return 'is not JSON'
  }
}

/** Where the entries of one side stand. */
class Places {
  #offsets: number[] = []
  #lengths: number[] = []

  get count(): number {
    return this.#offsets.length
  }
  add({ offset, length }: { offset: number; length: number }): void {
    this.#offsets.push(offset)
    this.#lengths.push(length)
  }
  /** Takes the last entry of another side. */
  take(other: Places): void {
    this.add({ offset: other.#offsets.pop() as number, length: other.#lengths.pop() as number })
  }
  over(file: FileHandle, path: string): DialogueSet {
    return {
      count: this.count,
      read: (rows) =>
        Promise.all(
          rows.map(async (row) => {
            const [offset, length] = [this.#offsets[row] as number, this.#lengths[row] as number]
            const bytes = new Uint8Array(length)
            await file.read(bytes, 0, length, offset)
            const turns = parse({ offset, length, bytes })
            if (typeof turns !== 'string') return turns
            throw new DataError(`${path} has changed since it was opened: the entry at byte ${offset} ${turns}`)
          }),
        ),
    }
  }
}
