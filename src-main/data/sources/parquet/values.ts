import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { CompressionCodec } from 'hyparquet'
import { snappyUncompress } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import type { Leaf } from './footer.ts'

export type Value = Uint8Array | number | null

/** How many times its size a page may unpack to: gzip's limit, which pages of text come nowhere near. */
const MOST_UNPACKED = 1032
const SMALL = 1 << 16
const LARGEST_PAGE = 1 << 30

/**
 * @param size that the page claims to unpack to
 * @throws RangeError if that cannot be, or the packing is damaged or unknown
 */
export function unpack(bytes: Uint8Array, size: number, codec: CompressionCodec): Uint8Array {
  if (!(size >= 0 && size <= LARGEST_PAGE && size <= Math.max(SMALL, bytes.length * MOST_UNPACKED)))
    throw new RangeError(`a page of ${bytes.length} bytes claims to unpack to ${size}`)
  const most = { maxOutputLength: Math.max(1, size) }
  const unpacked = ((): Uint8Array => {
    if (size === 0 && bytes.length === 0) return bytes
    switch (codec) {
      case 'UNCOMPRESSED':
        return bytes
      case 'GZIP':
        return gunzipSync(bytes, most)
      case 'BROTLI':
        return brotliDecompressSync(bytes, most)
      case 'ZSTD':
        return zstdDecompressSync(bytes, most)
      case 'SNAPPY': {
        const output = new Uint8Array(size)
        snappyUncompress(bytes, output)
        return output
      }
      case 'LZ4':
      case 'LZ4_RAW':
        return (compressors[codec] as NonNullable<(typeof compressors)['LZ4']>)(bytes, size)
      default:
        throw new RangeError(`pages are packed by ${String(codec)}, which is not read`)
    }
  })()
  if (unpacked.length !== size) throw new RangeError(`a page unpacks to ${unpacked.length} bytes instead of ${size}`)
  return unpacked
}

/**
 * Numbers of `width` bits in Parquet's mix of runs and packed bits.
 * @throws RangeError if they are not all there; a run may claim any length and gets no more than `count`
 */
export function readRuns(bytes: Uint8Array, width: number, count: number): Uint32Array {
  if (width > 32) throw new RangeError(`numbers of ${width} bits`)
  const values = new Uint32Array(count)
  if (width === 0) return values
  let at = 0
  let filled = 0
  const byte = (): number => {
    if (at >= bytes.length) throw new RangeError('a page ends inside its levels or codes')
    return bytes[at++] as number
  }
  while (filled < count) {
    let head = 0
    for (let shift = 0; ; shift += 7) {
      if (shift > 28) throw new RangeError('a run of more than 32 bits')
      const part = byte()
      head += (part & 0x7f) * 2 ** shift
      if ((part & 0x80) === 0) break
    }
    if (head % 2 === 0) {
      let value = 0
      for (let part = 0; part < Math.ceil(width / 8); part++) value += byte() * 2 ** (8 * part)
      const to = Math.min(count, filled + head / 2)
      // A run of nothing would never end.
      if (head === 0) throw new RangeError('a run of no length')
      values.fill(value, filled, to)
      filled = to
      continue
    }
    const packed = Math.floor(head / 2) * 8
    if (packed === 0) throw new RangeError('a run of no length')
    let held = 0
    let bits = 0
    for (let index = 0; index < packed && filled < count; index++) {
      while (bits < width) {
        held += byte() * 2 ** bits
        bits += 8
      }
      const range = 2 ** width
      values[filled++] = held % range
      held = Math.floor(held / range)
      bits -= width
    }
    // A packed run ends at a whole group of eight, which a last, cut one may lack.
    at = Math.min(bytes.length, at)
  }
  return values
}

/** Values one after the other. @throws RangeError if they are not all there */
export function readPlain(bytes: Uint8Array, type: Leaf['type'], count: number): Value[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const each = { BYTE_ARRAY: 4, INT32: 4, INT64: 8 }[type as string]
  if (each === undefined) throw new RangeError(`values of the type ${type} are not read`)
  if (count * each > bytes.length) throw new RangeError(`${count} values in ${bytes.length} bytes`)
  const values: Value[] = []
  let at = 0
  for (let index = 0; index < count; index++) {
    if (type === 'INT32') values.push(view.getInt32(index * 4, true))
    else if (type === 'INT64') values.push(Number(view.getBigInt64(index * 8, true)))
    else {
      const length = at + 4 <= bytes.length ? view.getUint32(at, true) : Number.POSITIVE_INFINITY
      if (length > bytes.length - at - 4)
        throw new RangeError(`a value of ${length} bytes in a page of ${bytes.length}`)
      values.push(bytes.subarray(at + 4, at + 4 + length))
      at += 4 + length
    }
  }
  return values
}
