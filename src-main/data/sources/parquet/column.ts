import type { PageHeader } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { reasonOf } from '../../source.ts'
import type { RangeFile } from '../files.ts'
import { Growing } from '../growing.ts'
import type { Chunk, Footer, Leaf } from './footer.ts'
import { checkThrift } from './thrift.ts'
import { readPlain, readRuns, unpack, type Value } from './values.ts'

/** One column over all row groups of a file, read page by page: about 1 MB each, as most writers make them. */
export interface Column {
  /** First row of each page, from 0. */
  firstRows: Uint32Array
  pageOf(row: number): number
  /** Values of the rows of a page. */
  read(page: number): Promise<Value[]>
}

/** Bytes that a page's header is first looked for in, and at last. Some writers put samples of the values into it. */
const HEADER_READS = [512, 16 << 10, 1 << 20]

/**
 * Finds the pages of a column by their headers.
 * @throws DataError if they do not lie in the file or hold other rows than the row groups claim
 */
export async function openColumn(file: RangeFile, footer: Footer, leaf: Leaf): Promise<Column> {
  const firstRows = Growing.counts()
  const places = Growing.places()
  const groupOf = Growing.counts()
  const chunks: Chunk[] = []
  /** Where the dictionary of each row group lies, or −1. */
  const dictionaries: number[] = []
  let row = 0
  for (let group = 0; group < footer.groups.length; group++) {
    const chunk = footer.chunk(group, leaf)
    chunks.push(chunk)
    dictionaries.push(-1)
    const end = row + chunk.rows
    for (let at = chunk.from; row < end; ) {
      const { header, size } = await readHeader(file, chunk, at)
      const rows = header.data_page_header?.num_values ?? header.data_page_header_v2?.num_values
      if (rows !== undefined) {
        if (!(rows >= 0 && row + rows <= end))
          throw file.error(`has a page of ${rows} values at byte ${at} where ${end - row} rows are left: it is damaged`)
        if (rows > 0) {
          firstRows.add(row)
          places.add(at)
          groupOf.add(group)
        }
        row += rows
      } else if (header.dictionary_page_header) dictionaries[group] = at
      at += size + header.compressed_page_size
    }
  }
  const first = firstRows.done()
  const readPage = async (at: number, chunk: Chunk): Promise<{ header: PageHeader; bytes: Uint8Array }> => {
    const { header, size } = await readHeader(file, chunk, at)
    return { header, bytes: await file.read(at + size, header.compressed_page_size) }
  }
  const readDictionary = async (group: number): Promise<Value[]> => {
    const at = dictionaries[group] as number
    if (at < 0) throw new RangeError('there is no dictionary')
    const chunk = chunks[group] as Chunk
    const { header, bytes } = await readPage(at, chunk)
    return readPlain(
      unpack(bytes, header.uncompressed_page_size, chunk.codec),
      leaf.type,
      header.dictionary_page_header?.num_values ?? 0,
    )
  }
  return {
    firstRows: first,
    pageOf(row) {
      let [low, high] = [0, first.length - 1]
      while (low < high) {
        const middle = (low + high + 1) >>> 1
        if ((first[middle] as number) <= row) low = middle
        else high = middle - 1
      }
      return low
    },
    async read(page) {
      const group = groupOf.at(page)
      const chunk = chunks[group] as Chunk
      try {
        const { header, bytes } = await readPage(places.at(page), chunk)
        return await valuesOf(header, bytes, chunk, leaf, () => readDictionary(group))
      } catch (cause) {
        if (
          cause instanceof RangeError ||
          cause instanceof TypeError ||
          (cause as { code?: unknown }).code !== undefined
        )
          throw file.error(
            `has a damaged page of "${leaf.path.join('.')}" at byte ${places.at(page)} (${reasonOf(cause)})`,
            { cause },
          )
        throw cause
      }
    },
  }
}

/** The header at a place of a chunk. @throws DataError unless it and its page lie inside the chunk */
async function readHeader(file: RangeFile, chunk: Chunk, at: number): Promise<{ header: PageHeader; size: number }> {
  let problem: unknown = new RangeError('its pages end before its rows do')
  for (const length of HEADER_READS) {
    const bytes = at < chunk.to ? await file.read(at, Math.min(length, chunk.to - at)) : new Uint8Array(0)
    try {
      const size = checkThrift(bytes, 0)
      const header = parquetHeader({ view: new DataView(bytes.buffer), offset: 0 })
      const { compressed_page_size: packed } = header
      if (!(Number.isInteger(packed) && packed >= 0 && at + size + packed <= chunk.to))
        throw new RangeError(`a page of ${packed} bytes`)
      return { header, size }
    } catch (error) {
      problem = error
      if (bytes.length < length) break
    }
  }
  throw file.error(
    `has no page at byte ${at}, where a column goes on to byte ${chunk.to} (${reasonOf(problem)}): it is damaged`,
    { cause: problem },
  )
}

/** @throws RangeError if the page does not hold what its header says */
async function valuesOf(
  header: PageHeader,
  bytes: Uint8Array,
  chunk: Chunk,
  leaf: Leaf,
  dictionary: () => Promise<Value[]>,
): Promise<Value[]> {
  const { data_page_header: one, data_page_header_v2: two } = header
  const count = (one ?? two)?.num_values ?? 0
  const encoding = (one ?? two)?.encoding
  const width = 32 - Math.clz32(leaf.levels)
  let levels: Uint32Array | null = null
  let body: Uint8Array
  if (two) {
    const repetition = two.repetition_levels_byte_length ?? 0
    const definition = two.definition_levels_byte_length ?? 0
    if (!(repetition >= 0 && definition >= 0 && repetition + definition <= bytes.length))
      throw new RangeError(`levels of ${repetition} and ${definition} bytes in a page of ${bytes.length}`)
    if (leaf.levels > 0) levels = readRuns(bytes.subarray(repetition, repetition + definition), width, count)
    const rest = bytes.subarray(repetition + definition)
    body =
      two.is_compressed === false
        ? rest
        : unpack(rest, header.uncompressed_page_size - repetition - definition, chunk.codec)
  } else {
    body = unpack(bytes, header.uncompressed_page_size, chunk.codec)
    if (leaf.levels > 0) {
      if (body.length < 4) throw new RangeError('a page without levels')
      const length = new DataView(body.buffer, body.byteOffset).getUint32(0, true)
      if (length > body.length - 4) throw new RangeError(`levels of ${length} bytes in a page of ${body.length}`)
      levels = readRuns(body.subarray(4, 4 + length), width, count)
      body = body.subarray(4 + length)
    }
  }
  let present = count
  if (levels) for (const level of levels) if (level !== leaf.levels) present--
  const values = await decoded(encoding, body, leaf, present, dictionary)
  if (!levels || present === count) return values
  let next = 0
  return Array.from(levels, (level) => (level === leaf.levels ? (values[next++] as Value) : null))
}

async function decoded(
  encoding: string | undefined,
  body: Uint8Array,
  leaf: Leaf,
  count: number,
  dictionary: () => Promise<Value[]>,
): Promise<Value[]> {
  if (encoding === 'PLAIN') return readPlain(body, leaf.type, count)
  if (encoding !== 'PLAIN_DICTIONARY' && encoding !== 'RLE_DICTIONARY')
    throw new RangeError(
      `values in the encoding ${encoding}, which is not read; write them as PLAIN or with a dictionary`,
    )
  if (count === 0) return []
  if (body.length === 0) throw new RangeError('a page without codes')
  const entries = await dictionary()
  return Array.from(readRuns(body.subarray(1), body[0] as number, count), (code) => {
    const value = entries[code]
    if (value === undefined) throw new RangeError(`entry ${code} of a dictionary of ${entries.length}`)
    return value
  })
}
