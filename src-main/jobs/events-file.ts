import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type NewRunEvent, type RunEvent, runEventSchema } from '../../src-shared/events.ts'
import { writeFileAtomic } from './atomic-file.ts'

/** Complete events from one place of events.ndjson on. */
export interface EventsRead {
  events: RunEvent[]
  /** Byte offset behind the last complete line; where to go on next time. */
  offset: number
  /** Complete lines that are not events, with the byte offset where each starts. */
  damaged: { offset: number; reason: string }[]
}

const NEWLINE = 0x0a
const CHUNK = 1 << 20

export interface ReadOptions {
  /** Byte offset to start at. */
  from?: number
  /** Stop at the end of the line that crosses so many bytes. */
  maxBytes?: number
  /** Stop before the first damaged line. */
  stopAtDamage?: boolean
}

/**
 * Reads complete lines; a line without its newline is still being written and is left alone.
 * @throws Error if the file cannot be read; a file that is not there yet is empty
 */
export function readEvents(path: string, options: ReadOptions = {}): EventsRead {
  const { from = 0, maxBytes = Number.POSITIVE_INFINITY, stopAtDamage = false } = options
  const read: EventsRead = { events: [], offset: from, damaged: [] }
  if (!existsSync(path)) return read
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(CHUNK)
    let rest = Buffer.alloc(0)
    for (let at = from; read.offset - from < maxBytes; ) {
      const count = readSync(file, buffer, 0, CHUNK, at)
      if (count === 0) break
      at += count
      const bytes = Buffer.concat([rest, buffer.subarray(0, count)])
      let start = 0
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        const event = parseLine(bytes.toString('utf8', start, end))
        if (typeof event === 'string') {
          read.damaged.push({ offset: read.offset, reason: event })
          if (stopAtDamage) return read
        } else read.events.push(event)
        read.offset += end + 1 - start
        start = end + 1
      }
      rest = Buffer.from(bytes.subarray(start))
    }
  } finally {
    closeSync(file)
  }
  return read
}

/** The last complete event of a file, or null if there is none. Reads the end of the file only. */
export function lastEvent(path: string): RunEvent | null {
  if (!existsSync(path)) return null
  const file = openSync(path, 'r')
  try {
    const size = fstatSync(file).size
    for (let length = 16_384; ; length *= 4) {
      const from = Math.max(0, size - length)
      const bytes = Buffer.alloc(size - from)
      readSync(file, bytes, 0, bytes.length, from)
      const lines = bytes
        .toString('utf8')
        .split('\n')
        .slice(from > 0 ? 1 : 0, -1)
      for (const line of lines.reverse()) {
        const event = parseLine(line)
        if (typeof event !== 'string') return event
      }
      if (from === 0) return null
    }
  } finally {
    closeSync(file)
  }
}

/** An event, or a sentence saying why the line is none. */
function parseLine(line: string): RunEvent | string {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return `not JSON: ${JSON.stringify(line.slice(0, 60))}`
  }
  const result = runEventSchema.safeParse(json)
  return result.success ? result.data : `not an event: ${result.error.issues[0]?.message ?? 'unknown shape'}`
}

/** The one writer of an events.ndjson. */
export interface EventsWriter {
  /** Appends one line in one write and returns its seq; it survives the death of the process once this returns. */
  append(event: NewRunEvent): number
  /** Makes everything so far survive a power cut as well. */
  sync(): void
  /** Attempts started so far, over the run's whole life. */
  attempts(): number
  close(): void
}

/**
 * Opens events.ndjson for appending. What a death in mid-write left behind the last whole line is cut off; whole lines
 * that are damaged (a power cut can do that) are first kept in a file beside it, so that nothing is lost unseen.
 * @throws Error if the file cannot be opened or written
 */
export function openEventsWriter(path: string): EventsWriter {
  const whole = readEvents(path, { stopAtDamage: true })
  const damage = whole.damaged[0]
  if (damage) keepDamaged(path, damage.offset)
  const file = openSync(path, 'a', 0o600)
  let size = whole.offset
  if (fstatSync(file).size > size) ftruncateSync(file, size)
  let seq = whole.events.at(-1)?.seq ?? 0
  let attempts = whole.events.filter((event) => event.kind === 'started').length

  const append = (event: NewRunEvent): number => {
    const line = Buffer.from(`${JSON.stringify({ seq: seq + 1, time: Date.now(), ...event })}\n`)
    const written = write(file, line, path)
    if (written < line.length) {
      // A full disk takes a part of the line; without that part the file is whole again.
      ftruncateSync(file, size)
      throw new Error(`could not append to ${path}: the disk took ${written} of ${line.length} bytes; free some space`)
    }
    size += line.length
    if (event.kind === 'started') attempts += 1
    seq += 1
    return seq
  }
  if (damage)
    append({
      kind: 'log',
      level: 'warning',
      message: `events.ndjson was damaged from byte ${damage.offset} on (${damage.reason}); that part is kept in ${damagedName(damage.offset)}`,
    })
  return { append, sync: () => fsyncSync(file), attempts: () => attempts, close: () => closeSync(file) }
}

function write(file: number, line: Buffer, path: string): number {
  try {
    return writeSync(file, line)
  } catch (cause) {
    throw new Error(`could not append to ${path}: ${(cause as Error).message}`, { cause })
  }
}

const damagedName = (offset: number): string => `events.damaged-${offset}.ndjson`

function keepDamaged(path: string, offset: number): void {
  writeFileAtomic(join(dirname(path), damagedName(offset)), readFileSync(path).subarray(offset))
}
