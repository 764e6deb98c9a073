import { crc32, inflateRawSync } from 'node:zlib'

/** Files of a zip archive by name. */
export type ZipEntries = Map<string, Uint8Array>

export class ZipError extends Error {
  override name = 'ZipError'
}

const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50]
const [LOCAL_SIZE, CENTRAL_SIZE, END_SIZE] = [30, 46, 22]
const [STORED, DEFLATED] = [0, 8]
/** A size or place that does not fit 32 bits and stands in the extra field. */
const IN_EXTRA = 0xffffffff
const ZIP64_EXTRA = 1
/** Longest comment that can follow the end record. */
const LONGEST_COMMENT = 0xffff

/**
 * Reads a whole archive: stored and deflated files (APPNOTE 6.3), sizes taken from its central directory as writers fill
 * in local headers late.
 * @param limit most bytes that the files may have together
 * @throws ZipError saying what is wrong with it
 */
export function readZip(bytes: Uint8Array, limit: number): ZipEntries {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = endRecord(view)
  const entries: ZipEntries = new Map()
  let at = view.getUint32(end + 16, true)
  let total = 0
  for (let count = view.getUint16(end + 10, true); count > 0; count--) {
    if (at + CENTRAL_SIZE > bytes.length || view.getUint32(at, true) !== CENTRAL)
      throw new ZipError('its directory is damaged')
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) => view.getUint16(at + place, true)) as [
      number,
      number,
      number,
    ]
    const name = new TextDecoder().decode(bytes.subarray(at + CENTRAL_SIZE, at + CENTRAL_SIZE + nameLength))
    const extra = at + CENTRAL_SIZE + nameLength
    const [size, packed, place] = wideNumbers(
      view,
      [24, 20, 42].map((field) => view.getUint32(at + field, true)),
      extra,
      extraLength,
    )
    total += size
    if (total > limit) throw new ZipError(`its files have more than ${Math.floor(limit / 2 ** 20)} MiB together`)
    const content = contentOf(bytes, view, { name, size, packed, place, method: view.getUint16(at + 10, true) })
    if (crc32(content) !== view.getUint32(at + 16, true))
      throw new ZipError(`"${name}" is damaged: its checksum differs`)
    entries.set(name, content)
    at = extra + extraLength + commentLength
  }
  return entries
}

function endRecord(view: DataView): number {
  const last = view.byteLength - END_SIZE
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) if (view.getUint32(at, true) === END) return at
  throw new ZipError('not a zip archive, or one that is cut off')
}

/** Size, packed size and place, those that are too large for 32 bits from the extra field. */
function wideNumbers(view: DataView, given: number[], from: number, length: number): [number, number, number] {
  for (let at = from; at + 4 <= from + length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== ZIP64_EXTRA) continue
    let place = at + 4
    return given.map((value) => {
      if (value !== IN_EXTRA) return value
      place += 8
      return Number(view.getBigUint64(place - 8, true))
    }) as [number, number, number]
  }
  return given as [number, number, number]
}

interface Entry {
  name: string
  size: number
  packed: number
  place: number
  method: number
}

function contentOf(bytes: Uint8Array, view: DataView, { name, size, packed, place, method }: Entry): Uint8Array {
  if (place + LOCAL_SIZE > bytes.length || view.getUint32(place, true) !== LOCAL)
    throw new ZipError(`"${name}" does not lie where the directory says`)
  const start = place + LOCAL_SIZE + view.getUint16(place + 26, true) + view.getUint16(place + 28, true)
  if (start + packed > bytes.length) throw new ZipError(`"${name}" is cut off`)
  const content = bytes.subarray(start, start + packed)
  if (method === STORED && size === packed) return content
  if (method !== DEFLATED) throw new ZipError(`"${name}" is packed by method ${method}, which is not read`)
  let unpacked: Uint8Array
  try {
    unpacked = inflateRawSync(content, { maxOutputLength: Math.max(1, size) })
  } catch (error) {
    throw new ZipError(`"${name}" cannot be unpacked (${(error as Error).message})`, { cause: error })
  }
  if (unpacked.length !== size) throw new ZipError(`"${name}" has ${unpacked.length} bytes instead of ${size}`)
  return unpacked
}

/** 1 January 1980, the first day that the format knows, so that the same content makes the same bytes. */
const NO_DATE = 0x21

/** The flag of names in UTF-8. */
const UTF8 = 0x800

/** An archive of files as they are, as numpy.savez makes it. @throws ZipError beyond 4 GiB */
export function writeZip(entries: ReadonlyMap<string, Uint8Array>): Uint8Array[] {
  const files: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let place = 0
  for (const [name, content] of entries) {
    const encoded = new TextEncoder().encode(name)
    if (place + content.length > IN_EXTRA) throw new ZipError('more than 4 GiB do not fit an archive')
    const shared = (header: DataView, from: number) => {
      header.setUint16(from, 20, true)
      header.setUint16(from + 2, UTF8, true)
      header.setUint16(from + 8, NO_DATE, true)
      header.setUint32(from + 10, crc32(content), true)
      header.setUint32(from + 14, content.length, true)
      header.setUint32(from + 18, content.length, true)
      header.setUint16(from + 22, encoded.length, true)
    }
    const local = new DataView(new ArrayBuffer(LOCAL_SIZE))
    local.setUint32(0, LOCAL, true)
    shared(local, 4)
    const central = new DataView(new ArrayBuffer(CENTRAL_SIZE))
    central.setUint32(0, CENTRAL, true)
    central.setUint16(4, 20, true)
    shared(central, 6)
    central.setUint32(42, place, true)
    files.push(new Uint8Array(local.buffer), encoded, content)
    directory.push(new Uint8Array(central.buffer), encoded)
    place += LOCAL_SIZE + encoded.length + content.length
  }
  const end = new DataView(new ArrayBuffer(END_SIZE))
  end.setUint32(0, END, true)
  end.setUint16(8, entries.size, true)
  end.setUint16(10, entries.size, true)
  end.setUint32(
    12,
    directory.reduce((sum, { length }) => sum + length, 0),
    true,
  )
  end.setUint32(16, place, true)
  return [...files, ...directory, new Uint8Array(end.buffer)]
}
