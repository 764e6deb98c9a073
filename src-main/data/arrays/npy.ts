/**
 * The .npy format (numpy.lib.format), written in version 1.0: the magic "\x93NUMPY", the version bytes 1 and 0, a
 * little-endian 16-bit header length (32-bit from version 2.0 on), an ASCII Python dictionary padded with spaces and ended
 * by a newline so that the data starts at a multiple of 64, then the values in row-major order. One array a file.
 */
export interface NpyArray {
  shape: number[]
  data: Int32Array | BigInt64Array | Float32Array | Float64Array | Uint8Array
}

export class NpyError extends Error {
  override name = 'NpyError'
}

const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59)
/** Up to the dictionary, in version 1.0. */
const PREFIX = MAGIC.length + 4
const kinds = [
  { descr: '<i4', type: Int32Array },
  { descr: '<i8', type: BigInt64Array },
  { descr: '<f4', type: Float32Array },
  { descr: '<f8', type: Float64Array },
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
  file.set([1, 0], MAGIC.length)
  new DataView(file.buffer).setUint16(MAGIC.length + 2, length, true)
  file.set(new TextEncoder().encode(`${dictionary.padEnd(length - 1)}\n`), PREFIX)
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), PREFIX + length)
  return file
}

/**
 * Reads an array of one of these types as `encodeNpy` and numpy.save write it. One in column-major order is turned round.
 * @throws NpyError saying what is wrong with the file
 */
export function decodeNpy(file: Uint8Array): NpyArray {
  const version = file[MAGIC.length] as number
  if (file.length < PREFIX || MAGIC.some((byte, at) => file[at] !== byte) || version < 1 || version > 3)
    throw new NpyError('not a .npy file of version 1 to 3')
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const prefix = version === 1 ? PREFIX : PREFIX + 2
  if (file.length < prefix) throw new NpyError('a .npy file that ends within its header')
  const length = version === 1 ? view.getUint16(MAGIC.length + 2, true) : view.getUint32(MAGIC.length + 2, true)
  const header = new TextDecoder().decode(file.subarray(prefix, prefix + length))
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1]
  const kind = kinds.find((kind) => kind.descr === descr)
  if (!kind)
    throw new NpyError(`values of type ${descr ?? '(none)'}; readable are ${kinds.map((k) => k.descr).join(', ')}`)
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1]
  if (!order) throw new NpyError(`no order of the values in the header ${JSON.stringify(header.trim())}`)
  const sides = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1]
  if (sides === undefined) throw new NpyError(`no shape in the header ${JSON.stringify(header.trim())}`)
  const shape = sides
    .split(',')
    .filter((side) => side.trim() !== '')
    .map(Number)
  const size = shape.reduce((product, side) => product * side, 1)
  const start = prefix + length
  const bytes = size * kind.type.BYTES_PER_ELEMENT
  if (file.length - start !== bytes)
    throw new NpyError(`${file.length - start} bytes of values; the shape (${shape.join(', ')}) needs ${bytes}`)
  // Copied, so that the values are aligned.
  const raw = new ArrayBuffer(bytes)
  new Uint8Array(raw).set(file.subarray(start))
  const data = new kind.type(raw)
  return { shape, data: order === 'True' ? rowMajor(data, shape) : data }
}

/** The same array with its last axis running fastest, of one whose first axis does. */
function rowMajor<Data extends NpyArray['data']>(data: Data, shape: readonly number[]): Data {
  const turned = data.slice() as Data
  const at = shape.map(() => 0)
  for (let to = 0; to < data.length; to++) {
    let from = 0
    for (let axis = shape.length - 1; axis >= 0; axis--) from = from * (shape[axis] as number) + (at[axis] as number)
    turned[to] = data[from] as never
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at[axis] = (at[axis] as number) + 1
      if ((at[axis] as number) < (shape[axis] as number)) break
      at[axis] = 0
    }
  }
  return turned
}
