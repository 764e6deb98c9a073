/** Makes Parquet files byte by byte: required and optional columns of plain values, unpacked or as the caller packs them. */

/** A value of Thrift's compact protocol. */
type Thrift =
  | { type: 'bool'; value: boolean }
  | { type: 'i32' | 'i64'; value: number }
  | { type: 'text'; value: string }
  | { type: 'list'; of: 'i32' | 'text' | 'struct'; value: Thrift[] }
  | { type: 'struct'; value: Record<number, Thrift | undefined> }

export const i32 = (value: number): Thrift => ({ type: 'i32', value })
export const i64 = (value: number): Thrift => ({ type: 'i64', value })
export const text = (value: string): Thrift => ({ type: 'text', value })
export const struct = (value: Record<number, Thrift | undefined>): Thrift => ({ type: 'struct', value })
const list = (of: 'i32' | 'text' | 'struct', value: Thrift[]): Thrift => ({ type: 'list', of, value })

const TYPES = { i32: 5, i64: 6, text: 8, list: 9, struct: 12 } as const

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...bytes, rest])
}
const zigzag = (value: number): Buffer => varint(value >= 0 ? value * 2 : -value * 2 - 1)

export function encodeThrift(thrift: Thrift): Buffer {
  switch (thrift.type) {
    case 'bool':
      return Buffer.alloc(0)
    case 'i32':
    case 'i64':
      return zigzag(thrift.value)
    case 'text':
      return Buffer.concat([varint(Buffer.byteLength(thrift.value)), Buffer.from(thrift.value)])
    case 'list': {
      const { length } = thrift.value
      const head = length < 15 ? Buffer.of((length << 4) | TYPES[thrift.of]) : Buffer.of(0xf0 | TYPES[thrift.of])
      return Buffer.concat([head, ...(length < 15 ? [] : [varint(length)]), ...thrift.value.map(encodeThrift)])
    }
    case 'struct': {
      const parts: Buffer[] = []
      let last = 0
      for (const [key, field] of Object.entries(thrift.value)) {
        if (field === undefined) continue
        const id = Number(key)
        const type = field.type === 'bool' ? (field.value ? 1 : 2) : TYPES[field.type]
        parts.push(id - last < 16 ? Buffer.of(((id - last) << 4) | type) : Buffer.concat([Buffer.of(type), zigzag(id)]))
        parts.push(encodeThrift(field))
        last = id
      }
      return Buffer.concat([...parts, Buffer.of(0)])
    }
  }
}

export interface ParquetColumn {
  /** One name, or the group around it and its own. All of it is optional. */
  path: readonly string[]
  type: 'BYTE_ARRAY' | 'INT32' | 'INT64'
  values: readonly (Uint8Array | number | null)[]
  /** Packs a page. */
  pack?: { codec: number; pack: (bytes: Uint8Array) => Uint8Array }
}

const NUMBERS = { INT32: 1, INT64: 2, BYTE_ARRAY: 6 } as const
const OPTIONAL = 1

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function plain(type: ParquetColumn['type'], value: Uint8Array | number): Buffer {
  if (typeof value !== 'number') return Buffer.concat([u32(value.length), value])
  const bytes = Buffer.alloc(type === 'INT32' ? 4 : 8)
  if (type === 'INT32') bytes.writeInt32LE(value)
  else bytes.writeBigInt64LE(BigInt(value))
  return bytes
}

/** Runs of one number each, 3 bits at most. */
const runs = (levels: readonly number[]): Buffer => Buffer.concat(levels.map((level) => Buffer.of(2, level)))

function page({ path, type, values, pack }: ParquetColumn): Buffer {
  const levels = runs(values.map((value) => (value === null ? 0 : path.length)))
  const body = Buffer.concat([
    u32(levels.length),
    levels,
    ...values.flatMap((value) => (value === null ? [] : plain(type, value))),
  ])
  const packed = pack ? pack.pack(body) : body
  const header = struct({
    1: i32(0),
    2: i32(body.length),
    3: i32(packed.length),
    5: struct({ 1: i32(values.length), 2: i32(0), 3: i32(3), 4: i32(3) }),
  })
  return Buffer.concat([encodeThrift(header), packed])
}

/**
 * A file of one row group for every `rowsPerGroup` rows, each column in pages of `rowsPerPage`.
 * @param metadata key-value pairs of the footer
 */
export function encodeParquet(
  columns: readonly ParquetColumn[],
  { rowsPerGroup = 1000, rowsPerPage = 1000, metadata = {} as Record<string, string> } = {},
): Buffer {
  const rows = columns[0]?.values.length ?? 0
  const parts: Buffer[] = [Buffer.from('PAR1')]
  let at = 4
  const groups: Thrift[] = []
  for (let from = 0; from < rows; from += rowsPerGroup) {
    const count = Math.min(rowsPerGroup, rows - from)
    const chunks = columns.map((column) => {
      const begin = at
      for (let row = from; row < from + count; row += rowsPerPage) {
        const bytes = page({ ...column, values: column.values.slice(row, Math.min(row + rowsPerPage, from + count)) })
        parts.push(bytes)
        at += bytes.length
      }
      const meta = struct({
        1: i32(NUMBERS[column.type]),
        2: list('i32', [i32(0), i32(3)]),
        3: list('text', column.path.map(text)),
        4: i32(column.pack?.codec ?? 0),
        5: i64(count),
        6: i64(at - begin),
        7: i64(at - begin),
        9: i64(begin),
      })
      return struct({ 2: i64(begin), 3: meta })
    })
    groups.push(struct({ 1: list('struct', chunks), 2: i64(at), 3: i64(count) }))
  }
  const groupsOfColumns = Map.groupBy(columns, ({ path }) => path[0] as string)
  const schema = [struct({ 4: text('schema'), 5: i32(groupsOfColumns.size) })]
  for (const [name, own] of groupsOfColumns) {
    if (own.some(({ path }) => path.length > 1))
      schema.push(struct({ 3: i32(OPTIONAL), 4: text(name), 5: i32(own.length) }))
    for (const { path, type } of own)
      schema.push(struct({ 1: i32(NUMBERS[type]), 3: i32(OPTIONAL), 4: text(path.at(-1) as string) }))
  }
  const pairs = Object.entries(metadata).map(([key, value]) => struct({ 1: text(key), 2: text(value) }))
  const footer = encodeThrift(
    struct({
      1: i32(1),
      2: list('struct', schema),
      3: i64(rows),
      4: list('struct', groups),
      ...(pairs.length > 0 ? { 5: list('struct', pairs) } : {}),
    }),
  )
  return Buffer.concat([...parts, footer, u32(footer.length), Buffer.from('PAR1')])
}
