import type { RangeFile } from './files.ts'

/** An object of a list in a JSON file: where it lies, and its bytes. */
export interface JsonRecord {
  /** Key of the list in the object around it; '' where the file is the list itself. */
  list: string
  from: number
  bytes: Uint8Array
}

const CHUNK = 1 << 20
/** Bytes of one record; the largest of LLaVA's files have some kB. */
const LARGEST_RECORD = 4 << 20
const LARGEST_KEY = 1000

const [QUOTE, BACKSLASH, OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [34, 92, 123, 125, 91, 93]
const BLANKS = [32, 9, 10, 13, 0xef, 0xbb, 0xbf]

/**
 * The objects of a JSON list, or of the lists that an object holds by key, one after the other: a file of any length is
 * read in the memory of one record.
 * @throws DataError if the file is neither, ends early, or holds a record of more than 4 MiB
 */
export async function* jsonRecords(file: RangeFile): AsyncGenerator<JsonRecord> {
  /** Brackets around the place; records are objects at this depth. */
  let depth = 0
  let recordDepth = 0
  let insideString = false
  let escaped = false
  let list = ''
  let key: number[] = []
  /** The parts of a record that began in an earlier chunk. */
  let pieces: Uint8Array[] = []
  let begin = -1
  for (let from = 0; from < file.size; from += CHUNK) {
    const chunk = await file.readUpTo(from, CHUNK)
    let recordFrom = begin >= 0 ? 0 : -1
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number
      if (insideString) {
        if (escaped) escaped = false
        else if (byte === BACKSLASH) escaped = true
        else if (byte === QUOTE) insideString = false
        if (insideString && depth === 1 && key.length < LARGEST_KEY) key.push(byte)
        continue
      }
      if (byte === QUOTE) {
        insideString = true
        if (depth === 1) key = []
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (depth === 0) {
          if (recordDepth !== 0) throw file.error('has something after its end: it is no JSON file')
          recordDepth = byte === OPEN_LIST ? 2 : 3
        }
        depth++
        if (recordDepth === 3 && depth === 2) list = byte === OPEN_LIST ? Buffer.from(key).toString() : ''
        if (byte === OPEN_OBJECT && depth === recordDepth && (recordDepth === 2 || list !== '')) {
          begin = from + at
          recordFrom = at
        }
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        if (depth === 0)
          throw file.error(`closes a bracket at byte ${from + at} that was never opened: it is no JSON file`)
        if (depth === recordDepth && begin >= 0) {
          const last = chunk.subarray(recordFrom, at + 1)
          yield { list, from: begin, bytes: pieces.length === 0 ? last : Buffer.concat([...pieces, last]) }
          begin = -1
          recordFrom = -1
          pieces = []
        }
        depth--
      } else if (depth === 0 && !BLANKS.includes(byte))
        throw file.error(
          `is neither a JSON list nor an object: byte ${from + at} is ${JSON.stringify(String.fromCharCode(byte))}`,
        )
    }
    if (begin >= 0) {
      if (from + chunk.length - begin > LARGEST_RECORD)
        throw file.error(
          `has a record of more than ${LARGEST_RECORD / 2 ** 20} MiB from byte ${begin} on: damaged, or of another kind`,
        )
      pieces.push(chunk.subarray(recordFrom))
    }
  }
  if (recordDepth === 0) throw file.error('is empty; a JSON list of records is wanted')
  if (depth > 0 || insideString) throw file.error(`ends after ${file.size} bytes inside a JSON value: it is truncated`)
}

/** The record as an object. @throws Error if it is not JSON, or something else */
export function parseRecord(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch (cause) {
    throw new Error('is not JSON', { cause })
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Error('is no JSON object')
  return value as Record<string, unknown>
}
