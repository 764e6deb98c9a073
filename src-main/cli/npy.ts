/**
 * The .npy format, version 1.0 (numpy.lib.format): the magic "\x93NUMPY", the version bytes 1 and 0, a little-endian
 * 16-bit header length, an ASCII Python dictionary padded with spaces and ended by a newline so that the data starts at a
 * multiple of 64, then the values in row-major order. One array a file.
 */
export interface NpyArray {
  shape: number[]
  data: Int32Array | Float32Array | Uint8Array
}

export class NpyError extends Error {
  override name = 'NpyError'
}

const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0)
const PREFIX = MAGIC.length + 2
const kinds = [
  { descr: '<i4', type: Int32Array },
  { descr: '<f4', type: Float32Array },
  { descr: '|u1', type: Uint8Array },
] as const

/** @throws NpyError if the data does not fill the shape */
export function encodeNpy({ shape, data }: NpyArray): Uint8Array {
  const size = shape.reduce((product, side) => product * side, 1)
  if (data.length !== size) throw new NpyError(`${data.length} values do not fill the shape (${shape.join(', ')})`)
  const descr = kinds.find((kind) => data instanceof kind.type)?.descr
  // A tuple of one element needs its comma in Python.
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`
  const length = Math.ceil((PREFIX + dictionary.length + 1) / 64) * 64 - PREFIX
  const file = new Uint8Array(PREFIX + length + data.byteLength)
  file.set(MAGIC)
  new DataView(file.buffer).setUint16(MAGIC.length, length, true)
  file.set(new TextEncoder().encode(`${dictionary.padEnd(length - 1)}\n`), PREFIX)
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), PREFIX + length)
  return file
}

/**
 * Reads int32, float32 and uint8 arrays in row-major order, as `encodeNpy` and numpy.save write them.
 * @throws NpyError saying what is wrong with the file
 */
export function decodeNpy(file: Uint8Array): NpyArray {
  if (file.length < PREFIX || MAGIC.some((byte, at) => file[at] !== byte))
    throw new NpyError('not a .npy file of version 1.0')
  const length = new DataView(file.buffer, file.byteOffset).getUint16(MAGIC.length, true)
  const header = new TextDecoder().decode(file.subarray(PREFIX, PREFIX + length))
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1]
  const kind = kinds.find((kind) => kind.descr === descr)
  if (!kind)
    throw new NpyError(`values of type ${descr ?? '(none)'}; readable are ${kinds.map((k) => k.descr).join(', ')}`)
  if (!/'fortran_order':\s*False/.test(header)) throw new NpyError('values in column-major order; save them in C order')
  const sides = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1]
  if (sides === undefined) throw new NpyError(`no shape in the header ${JSON.stringify(header.trim())}`)
  const shape = sides
    .split(',')
    .filter((side) => side.trim() !== '')
    .map(Number)
  const size = shape.reduce((product, side) => product * side, 1)
  const start = PREFIX + length
  const bytes = size * kind.type.BYTES_PER_ELEMENT
  if (file.length - start !== bytes)
    throw new NpyError(`${file.length - start} bytes of values; the shape (${shape.join(', ')}) needs ${bytes}`)
  // Copied, so that the values are aligned.
  const raw = new ArrayBuffer(bytes)
  new Uint8Array(raw).set(file.subarray(start))
  return { shape, data: new kind.type(raw) }
}
