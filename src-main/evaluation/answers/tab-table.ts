import { BenchmarkError } from './benchmark-error.ts'
import { openFile } from './entries.ts'

/** A field of a table, and where it stands in the file. */
export interface TabField {
  text: string
  /** Byte of the file at which its content begins, if the content stands there as it is; −1 if it is written otherwise. */
  offset: number
  length: number
}

const CHUNK = 1 << 20
/** Longest row; one holds a picture. */
const LONGEST_ROW = 64 << 20
const [QUOTE, TAB, LINE, RETURN] = [0x22, 0x09, 0x0a, 0x0d]
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

/**
 * Rows of a tab-separated table, one after the other, as pandas reads them: a field that begins with a quotation mark goes
 * on to the next one that is not doubled, over tabs and line breaks. Empty lines are no rows.
 * @throws BenchmarkError if there is no such file, or a row has no end
 */
export async function* tabRows(path: string, what: string): AsyncGenerator<TabField[]> {
  const file = await openFile(path, what)
  try {
    const row = new Row(path)
    const buffer = new Uint8Array(CHUNK)
    for (let offset = 0; ; ) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, offset)
      if (bytesRead === 0) break
      let from = offset === 0 && BYTE_ORDER_MARK.every((byte, at) => buffer[at] === byte) ? BYTE_ORDER_MARK.length : 0
      row.begin(offset + from)
      for (let at = from; at < bytesRead; at++) {
        if (!row.ends(buffer[at] as number)) continue
        const fields = row.take(buffer.subarray(from, at))
        from = at + 1
        row.restart(offset + from)
        if (fields) yield fields
      }
      row.keep(buffer.subarray(from, bytesRead))
      offset += bytesRead
    }
    const last = row.take(new Uint8Array(0))
    if (row.isQuoted) throw new BenchmarkError(`"${path}" ends within quotation marks: it is truncated`)
    if (last) yield last
  } finally {
    await file.close()
  }
}

/** Finds the end of a row over the borders of chunks, and takes it apart. */
class Row {
  readonly #path: string
  #pieces: Uint8Array[] = []
  #kept = 0
  #offset = -1
  #isFieldStart = true
  #inQuotes = false
  #quoteBefore = false

  constructor(path: string) {
    this.#path = path
  }
  get isQuoted(): boolean {
    return this.#inQuotes && !this.#quoteBefore
  }
  begin(offset: number): void {
    if (this.#offset < 0) this.#offset = offset
  }
  restart(offset: number): void {
    this.#offset = offset
    this.#isFieldStart = true
    this.#inQuotes = false
    this.#quoteBefore = false
  }
  /** Whether this byte ends the row. */
  ends(byte: number): boolean {
    if (this.#inQuotes && !this.#quoteBefore) {
      this.#quoteBefore = byte === QUOTE
      return false
    }
    if (this.#inQuotes && byte === QUOTE) {
      this.#quoteBefore = false
      return false
    }
    this.#inQuotes = this.#isFieldStart && byte === QUOTE
    this.#quoteBefore = false
    this.#isFieldStart = byte === TAB
    return byte === LINE || byte === RETURN
  }
  /** Keeps a part of the row that goes on in the next chunk. */
  keep(piece: Uint8Array): void {
    this.#kept += piece.length
    if (this.#kept > LONGEST_ROW)
      throw new BenchmarkError(
        `"${this.#path}" has a row of more than ${LONGEST_ROW >> 20} MiB from byte ${this.#offset} on: a quotation mark is not closed, or it is no table`,
      )
    // A copy: the chunk is filled anew.
    this.#pieces.push(piece.slice())
  }
  /** The fields of the row, which ends with this piece; null for an empty one. */
  take(piece: Uint8Array): TabField[] | null {
    const bytes = Buffer.concat([...this.#pieces, piece])
    this.#pieces = []
    this.#kept = 0
    return bytes.length === 0 ? null : fieldsOf(bytes, this.#offset)
  }
}

function fieldsOf(bytes: Buffer, rowOffset: number): TabField[] {
  const fields: TabField[] = []
  for (let at = 0; at <= bytes.length; ) {
    if (bytes[at] !== QUOTE) {
      const tab = bytes.indexOf(TAB, at)
      const end = tab < 0 ? bytes.length : tab
      fields.push({ text: bytes.toString('utf8', at, end), offset: rowOffset + at, length: end - at })
      at = end + 1
      continue
    }
    let close = at + 1
    while (close < bytes.length && !(bytes[close] === QUOTE && bytes[close + 1] !== QUOTE))
      close += bytes[close] === QUOTE ? 2 : 1
    const tab = bytes.indexOf(TAB, close)
    const end = tab < 0 ? bytes.length : tab
    const within = bytes.toString('utf8', at + 1, close)
    const behind = bytes.toString('utf8', Math.min(close + 1, end), end)
    const isPlain = !within.includes('"') && behind === ''
    fields.push({
      text: within.replaceAll('""', '"') + behind,
      offset: isPlain ? rowOffset + at + 1 : -1,
      length: isPlain ? close - at - 1 : 0,
    })
    at = end + 1
  }
  return fields
}

/** What pandas takes for nothing in a table. */
const NOTHING = new Set(
  '#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null'.split('|'),
)

/** A field as pandas reads it; '' for one that it takes for nothing. */
export const cellText = (text: string): string => (NOTHING.has(text) ? '' : text)
