import { type ColumnMetaData, type FileMetaData, parquetMetadata, type SchemaElement } from 'hyparquet'
import { reasonOf } from '../../source.ts'
import type { RangeFile } from '../files.ts'
import { checkThrift } from './thrift.ts'

/** A column without columns of its own. */
export interface Leaf {
  /** Names from the outermost group in. */
  path: string[]
  /** Its place among the columns of each row group. */
  index: number
  type: NonNullable<SchemaElement['type']>
  /** Whether it holds text. */
  text: boolean
  /** Levels at which a value may be missing; a value is there at the deepest alone. */
  levels: number
}

/** The bytes of one column in one row group. */
export interface Chunk {
  from: number
  to: number
  rows: number
  codec: ColumnMetaData['codec']
}

export interface Footer {
  leaves: Leaf[]
  rows: number
  /** Rows of each row group. */
  groups: number[]
  /** @throws DataError if it does not lie in the file */
  chunk(group: number, leaf: Leaf): Chunk
  /** What the Hugging Face hub says of each column, by name. */
  features: Record<string, { _type?: unknown; names?: unknown }>
}

const MAGIC = 0x31524150
const LARGEST_FOOTER = 256 << 20

/** Reads and checks what stands at the end of a file. @throws DataError if it is no Parquet file, or a damaged one */
export async function readFooter(file: RangeFile): Promise<Footer> {
  if (file.size < 12) throw file.error(`has ${file.size} bytes; a Parquet file has 12 at least`)
  const tail = new DataView((await file.read(file.size - 8, 8)).buffer)
  if (tail.getUint32(4, true) !== MAGIC)
    throw file.error('does not end as a Parquet file does: it is truncated, or of another kind')
  const length = tail.getUint32(0, true)
  if (length > file.size - 12 || length > LARGEST_FOOTER)
    throw file.error(`claims a footer of ${length} bytes in a file of ${file.size}: it is truncated, or damaged`)
  const bytes = await file.read(file.size - 8 - length, length + 8)
  let metadata: FileMetaData
  try {
    checkThrift(bytes.subarray(0, length), 0)
    metadata = parquetMetadata(bytes.buffer, { geoparquet: false })
  } catch (cause) {
    throw file.error(`has a damaged footer (${reasonOf(cause)})`, { cause })
  }
  try {
    return checked(file, metadata)
  } catch (cause) {
    // What is missing in a footer shows where it is first used.
    throw cause instanceof TypeError ? file.error('has a damaged footer: a part of it is missing', { cause }) : cause
  }
}

function checked(file: RangeFile, metadata: FileMetaData): Footer {
  const leaves = leavesOf(file, metadata.schema)
  const groups = metadata.row_groups.map(({ num_rows: rows }) => count(file, rows, 'rows'))
  const rows = groups.reduce((sum, own) => sum + own, 0)
  if (rows !== count(file, metadata.num_rows, 'rows'))
    throw file.error(`claims ${metadata.num_rows} rows, but its row groups have ${rows}: it is damaged`)
  return {
    leaves,
    rows,
    groups,
    chunk(group, leaf) {
      const meta = metadata.row_groups[group]?.columns[leaf.index]?.meta_data
      if (
        !meta ||
        !Array.isArray(meta.path_in_schema) ||
        meta.path_in_schema.join('\n') !== leaf.path.join('\n') ||
        meta.type !== leaf.type
      )
        throw file.error(`has no column "${leaf.path.join('.')}" in row group ${group}: it is damaged`)
      const starts = [meta.data_page_offset, meta.dictionary_page_offset].flatMap((at) =>
        at === undefined || Number(at) === 0 ? [] : Number(at),
      )
      const from = Math.min(...starts)
      const to = from + Number(meta.total_compressed_size)
      if (!(from >= 4 && to >= from && to <= file.size))
        throw file.error(
          `has "${leaf.path.join('.')}" of row group ${group} at bytes ${from} to ${to} of ${file.size}: it is truncated, or damaged`,
        )
      return { from, to, rows: groups[group] as number, codec: meta.codec }
    },
    features: featuresOf(metadata),
  }
}

/** A picture takes a byte at least, so there are no more rows than bytes. */
function count(file: RangeFile, value: unknown, what: string): number {
  const number = typeof value === 'bigint' || typeof value === 'number' ? Number(value) : Number.NaN
  if (!(Number.isInteger(number) && number >= 0 && number <= file.size))
    throw file.error(`claims ${String(value)} ${what} in ${file.size} bytes: it is damaged`)
  return number
}

/** The leaves of the tree that the schema lists depth first. */
function leavesOf(file: RangeFile, schema: SchemaElement[]): Leaf[] {
  const leaves: Leaf[] = []
  let next = 1
  let columns = 0
  const visit = (path: string[], levels: number, repeated: boolean): void => {
    const element = schema[next++]
    if (!element || typeof element.name !== 'string' || path.length > DEEPEST) throw file.error('has a damaged schema')
    const own = [...path, element.name]
    const inner = levels + (element.repetition_type === 'OPTIONAL' ? 1 : 0)
    const lists = repeated || element.repetition_type === 'REPEATED'
    if (element.type === undefined) {
      for (let child = 0; child < (element.num_children ?? 0); child++) visit(own, inner, lists)
      return
    }
    const text = element.converted_type === 'UTF8' || element.logical_type?.type === 'STRING'
    const index = columns++
    // Columns inside lists have several values a row; no picture is read from one.
    if (!lists) leaves.push({ path: own, index, type: element.type, text, levels: inner })
  }
  const root = schema[0]
  if (!root) throw file.error('has no schema')
  for (let child = 0; child < (root.num_children ?? 0); child++) visit([], 0, false)
  return leaves
}

const DEEPEST = 16

/** The column types that datasets writes beside the schema; nothing if there are none, or they do not read. */
function featuresOf({ key_value_metadata: pairs }: FileMetaData): Footer['features'] {
  const text = pairs?.find(({ key }) => key === 'huggingface')?.value
  if (typeof text !== 'string') return {}
  try {
    const { info } = (JSON.parse(text) ?? {}) as { info?: { features?: unknown } }
    const features = info?.features
    if (features === null || typeof features !== 'object') return {}
    return Object.fromEntries(
      Object.entries(features).filter(([, feature]) => feature !== null && typeof feature === 'object'),
    )
  } catch {
    return {}
  }
}
