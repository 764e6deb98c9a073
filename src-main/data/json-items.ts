import type { FileHandle } from 'node:fs/promises'

/** An item of a file of many: where it stands, and its bytes unless it is longer than `ITEM_LIMIT`. */
export interface JsonItem {
  offset: number
  length: number
  bytes: Uint8Array | null
}

/** What is wrong with a file as a whole. */
export class JsonItemsError extends Error {
  override name = 'JsonItemsError'
}

/** A dialogue has some kB; nothing longer than this is held in memory. */
export const ITEM_LIMIT = 4 << 20
const CHUNK = 1 << 20

const [QUOTE, ESCAPE, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, COMMA, LINE] = Buffer.from(
  '"\\{}[],\n',
) as unknown as number[]
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/** Collects the bytes of one item over the borders of chunks. */
class Collector {
  offset = 0
  length = 0
  #parts: Uint8Array[] = []

  begin(offset: number): void {
    this.offset = offset
    this.length = 0
    this.#parts = []
  }
  add(bytes: Uint8Array): void {
    this.length += bytes.length
    // A copy: the chunk is filled anew.
    if (this.length <= ITEM_LIMIT) this.#parts.push(bytes.slice())
    else this.#parts = []
  }
  end(): JsonItem {
    const bytes = this.length <= ITEM_LIMIT ? Buffer.concat(this.#parts) : null
    this.#parts = []
    return { offset: this.offset, length: this.length, bytes }
  }
}

async function* chunks(file: FileHandle): AsyncGenerator<{ bytes: Uint8Array; offset: number }> {
  const buffer = new Uint8Array(CHUNK)
  for (let offset = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK, offset)
    if (bytesRead === 0) return
    yield { bytes: buffer.subarray(0, bytesRead), offset }
    offset += bytesRead
  }
}

/** Lines that are not blank, without their line break. */
export async function* jsonLines(file: FileHandle): AsyncGenerator<JsonItem> {
  const item = new Collector()
  item.begin(0)
  const blank = ({ bytes, length }: JsonItem) => length === 0 || (bytes?.every(isSpace) ?? false)
  for await (const { bytes, offset } of chunks(file)) {
    let from = 0
    for (let at = bytes.indexOf(LINE as number); at >= 0; at = bytes.indexOf(LINE as number, from)) {
      item.add(bytes.subarray(from, at))
      const line = item.end()
      if (!blank(line)) yield line
      from = at + 1
      item.begin(offset + from)
    }
    item.add(bytes.subarray(from))
  }
  const last = item.end()
  if (!blank(last)) yield last
}

/**
 * Entries of a list of objects, one after the other; the file is never in memory as a whole.
 * @throws JsonItemsError if the file is no list, or ends within one
 */
export async function* jsonList(file: FileHandle): AsyncGenerator<JsonItem> {
  const item = new Collector()
  let depth = 0
  let inText = false
  let escaped = false
  let closed = false
  let scalar = false
  let found = 0
  for await (const { bytes, offset } of chunks(file)) {
    /** Where the part of the current item in this chunk begins; −1 outside of items. */
    let from = depth > 1 ? 0 : -1
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (inText) {
        if (escaped) escaped = false
        else if (byte === ESCAPE) escaped = true
        else if (byte === QUOTE) inText = false
        continue
      }
      if (depth === 0) {
        if (isSpace(byte) || (offset + at < 3 && byte >= 0x80)) continue
        if (closed) throw new JsonItemsError(`goes on after its list, at byte ${offset + at}`)
        if (byte !== OPEN_LIST) throw new JsonItemsError('is not a JSON list')
        depth = 1
        continue
      }
      if (byte === QUOTE) {
        inText = true
        if (depth === 1) scalar = true
      } else if (byte === OPEN || byte === OPEN_LIST) {
        if (depth === 1) {
          item.begin(offset + at)
          from = at
        }
        depth++
      } else if (byte === CLOSE || byte === CLOSE_LIST) {
        depth--
        if (depth === 0) {
          if (byte !== CLOSE_LIST) throw new JsonItemsError(`has a "}" too many, at byte ${offset + at}`)
          closed = true
        } else if (depth === 1) {
          item.add(bytes.subarray(from, at + 1))
          from = -1
          found++
          yield item.end()
        }
      } else if (depth === 1 && byte !== COMMA && !isSpace(byte)) scalar = true
      if (scalar) throw new JsonItemsError(`has an entry that is no object, at byte ${offset + at}`)
    }
    if (from >= 0) item.add(bytes.subarray(from))
  }
  if (!closed) throw new JsonItemsError(`ends within its list, after ${found} entries: it is truncated`)
}
