/** The header of a GGUF file: key-value metadata (the vocabulary among it), then name, shape, type and place of each tensor. */
export type GgufScalar = number | bigint | boolean | string
export type GgufValue = GgufScalar | readonly GgufScalar[]
export interface GgufTensorInfo {
  name: string
  /** Outermost first: the file has them the other way about. */
  shape: number[]
  /** Number of its type in ggml.h. */
  type: number
  /** Bytes from the start of the data. */
  offset: number
}
export interface GgufHeader {
  metadata: Map<string, GgufValue>
  tensors: GgufTensorInfo[]
  /** Byte of the file at which the data begins. */
  dataStart: number
}

/** The bytes are no GGUF header; the message says why. */
export class GgufError extends Error {
  override name = 'GgufError'
}

const MAGIC = 'GGUF'
const VERSION = 3
const DEFAULT_ALIGNMENT = 32
const LARGEST_ALIGNMENT = 1 << 20
const MAX_AXES = 4
/** The shortest possible entries: an empty key with a one-byte value; an empty name, no axes. */
const SHORTEST = { pair: 8 + 4 + 1, tensor: 8 + 4 + 4 + 8 }

/**
 * @param bytes the first bytes of the file
 * @param fileSize all its bytes
 * @returns null if the header is longer than `bytes`
 * @throws GgufError if it is no header, whatever follows; what it merely claims is never allocated
 */
export function parseGgufHeader(bytes: Uint8Array, fileSize: number): GgufHeader | null {
  const cursor = new Cursor(bytes, fileSize)
  try {
    return readHeader(cursor)
  } catch (error) {
    if (error instanceof NeedsMore) return null
    throw error
  }
}

function readHeader(cursor: Cursor): GgufHeader {
  const magic = cursor.text(4)
  if (magic !== MAGIC) throw new GgufError(`begins with ${JSON.stringify(magic)}, not "${MAGIC}": not a GGUF file`)
  const version = cursor.u32()
  if (version !== VERSION) throw new GgufError(`is GGUF version ${version}; version ${VERSION} is read`)
  const tensorCount = cursor.count('tensors', SHORTEST.tensor)
  const pairCount = cursor.count('metadata entries', SHORTEST.pair)

  const metadata = new Map<string, GgufValue>()
  for (let at = 0; at < pairCount; at++) {
    const key = cursor.string()
    metadata.set(key, cursor.value(cursor.u32(), key))
  }
  const tensors: GgufTensorInfo[] = []
  for (let at = 0; at < tensorCount; at++) {
    const name = cursor.string()
    const axes = cursor.u32()
    if (axes > MAX_AXES) throw new GgufError(`tensor "${name}" has ${axes} axes; there are ${MAX_AXES} at most`)
    const shape = Array.from({ length: axes }, () => cursor.size(`an axis of "${name}"`)).reverse()
    tensors.push({ name, shape, type: cursor.u32(), offset: cursor.size(`the offset of "${name}"`) })
  }
  const alignment = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT
  if (typeof alignment !== 'number' || alignment < 1 || alignment > LARGEST_ALIGNMENT || alignment % 1 !== 0)
    throw new GgufError(`general.alignment is ${String(alignment)}, which is no alignment`)
  return { metadata, tensors, dataStart: Math.ceil(cursor.position / alignment) * alignment }
}

/** Thrown inside this file alone: the header goes on beyond the bytes at hand. */
class NeedsMore extends Error {}

class Cursor {
  position = 0
  readonly #bytes: Buffer
  readonly #fileSize: number

  constructor(bytes: Uint8Array, fileSize: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#fileSize = fileSize
  }

  /** Moves past `length` bytes. @returns where they begin */
  #take(length: number): number {
    const from = this.position
    if (length > this.#bytes.length - from) throw new NeedsMore()
    this.position += length
    return from
  }

  u32 = (): number => this.#bytes.readUInt32LE(this.#take(4))
  #u64 = (): bigint => this.#bytes.readBigUInt64LE(this.#take(8))

  /** A 64-bit number that counts or measures something in this file. */
  size(what: string): number {
    const value = this.#u64()
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new GgufError(`${what} is ${value}: the file is damaged`)
    return Number(value)
  }

  /** How many things follow. @param bytesEach the least that each takes in the file */
  count(what: string, bytesEach: number): number {
    const count = this.size(`the number of ${what}`)
    if (count * bytesEach > this.#fileSize - this.position)
      throw new GgufError(`claims ${count} ${what} in a file of ${this.#fileSize} bytes: truncated, or damaged`)
    return count
  }

  text(length: number): string {
    const from = this.#take(length)
    return this.#bytes.toString('utf8', from, from + length)
  }

  string = (): string => this.text(this.count('bytes of text', 1))

  value(type: number, key: string): GgufValue {
    if (type !== ARRAY) return this.#scalar(type, key)
    const of = this.u32()
    if (of === ARRAY) throw new GgufError(`metadata "${key}" is an array of arrays, which is not read`)
    const count = this.count(`elements of "${key}"`, this.#scalarType(of, key).bytes)
    const list: GgufScalar[] = []
    for (let at = 0; at < count; at++) list.push(this.#scalar(of, key))
    return list
  }

  #scalar(type: number, key: string): GgufScalar {
    const { bytes, read } = this.#scalarType(type, key)
    return read === null ? this.string() : read(this.#bytes, this.#take(bytes))
  }

  #scalarType(type: number, key: string): ScalarType {
    const found = SCALARS[type]
    if (!found) throw new GgufError(`metadata "${key}" has the unknown value type ${type}: damaged, or too new`)
    return found
  }
}

/** Bytes of a value (of a string, its length), and how it is read; a string reads itself. */
interface ScalarType {
  bytes: number
  read: ((bytes: Buffer, at: number) => GgufScalar) | null
}
const ARRAY = 9
/** 64-bit integers become numbers where they are exact. */
const exact = (value: bigint): number | bigint => (BigInt(Number(value)) === value ? Number(value) : value)

/** Value types of the metadata by their number in the file. */
const SCALARS: Readonly<Record<number, ScalarType>> = {
  0: { bytes: 1, read: (bytes, at) => bytes.readUInt8(at) },
  1: { bytes: 1, read: (bytes, at) => bytes.readInt8(at) },
  2: { bytes: 2, read: (bytes, at) => bytes.readUInt16LE(at) },
  3: { bytes: 2, read: (bytes, at) => bytes.readInt16LE(at) },
  4: { bytes: 4, read: (bytes, at) => bytes.readUInt32LE(at) },
  5: { bytes: 4, read: (bytes, at) => bytes.readInt32LE(at) },
  6: { bytes: 4, read: (bytes, at) => bytes.readFloatLE(at) },
  7: { bytes: 1, read: (bytes, at) => bytes.readUInt8(at) !== 0 },
  8: { bytes: 8, read: null },
  10: { bytes: 8, read: (bytes, at) => exact(bytes.readBigUInt64LE(at)) },
  11: { bytes: 8, read: (bytes, at) => exact(bytes.readBigInt64LE(at)) },
  12: { bytes: 8, read: (bytes, at) => bytes.readDoubleLE(at) },
}
