/**
 * The safetensors format (https://github.com/huggingface/safetensors): an 8-byte little-endian header length, a JSON
 * header, then the raw little-endian data. Used for checkpoints, samples and parity cases, on both sides of the contract.
 */
export type Dtype = 'F32' | 'I32' | 'I64' | 'U8'
export type TensorData = Float32Array | Int32Array | BigInt64Array | Uint8Array
export interface StoredTensor {
  dtype: Dtype
  shape: number[]
  data: TensorData
}
export interface TensorFile {
  tensors: Record<string, StoredTensor>
  metadata: Record<string, string>
}

const BYTES: Record<Dtype, number> = { F32: 4, I32: 4, I64: 8, U8: 1 }
const MAX_HEADER = 100_000_000

export class SafetensorsError extends Error {
  override name = 'SafetensorsError'
}

const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

/** A file's bytes in one buffer. @throws as safetensorsParts */
export function encodeSafetensors(
  tensors: Record<string, StoredTensor>,
  metadata: Record<string, string> = {},
): Uint8Array {
  const parts = safetensorsParts(tensors, metadata)
  const file = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    file.set(part, at)
    at += part.length
  }
  return file
}

/**
 * A file's bytes one part after the other, the tensors' as views: a large file need not stand in memory twice.
 * @throws SafetensorsError naming a tensor whose data does not fit its shape
 */
export function safetensorsParts(
  tensors: Record<string, StoredTensor>,
  metadata: Record<string, string> = {},
): Uint8Array[] {
  const header: Record<string, unknown> = {}
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata
  let offset = 0
  for (const [name, tensor] of Object.entries(tensors)) {
    const size = elements(tensor.shape) * BYTES[tensor.dtype]
    if (tensor.data.byteLength !== size)
      throw new SafetensorsError(
        `tensor "${name}": ${tensor.data.byteLength} bytes of data, but shape [${tensor.shape}] of ${tensor.dtype} needs ${size}`,
      )
    header[name] = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [offset, offset + size] }
    offset += size
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  // The data starts at a multiple of 8, as the reference implementation pads it.
  const start = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(SPACE)
  new DataView(start.buffer).setBigUint64(0, BigInt(start.length - 8), true)
  start.set(json, 8)
  return [start, ...Object.values(tensors).map(({ data }) => bytesOf(data))]
}

const SPACE = 0x20
const bytesOf = ({ buffer, byteOffset, byteLength }: TensorData): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/**
 * @param bytes a whole file
 * @throws SafetensorsError that says what is wrong with the file; nothing larger than the file is ever allocated
 */
export function decodeSafetensors(bytes: Uint8Array): TensorFile {
  if (bytes.length < 8) throw new SafetensorsError(`truncated: ${bytes.length} bytes, a header length needs 8`)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (length > BigInt(Math.min(MAX_HEADER, bytes.length - 8)))
    throw new SafetensorsError(`header of ${length} bytes in a file of ${bytes.length}: truncated, or not safetensors`)
  const start = 8 + Number(length)
  const { entries, metadata } = parseSafetensorsHeader(bytes.subarray(8, start), bytes.length - start, BYTES)
  const tensors: Record<string, StoredTensor> = {}
  for (const { name, dtype, shape, from, to } of entries)
    tensors[name] = {
      dtype: dtype as Dtype,
      shape,
      data: copied(dtype as Dtype, bytes.subarray(start + from, start + to)),
    }
  return { tensors, metadata }
}

/** Where a tensor's data lies, in bytes from the end of the header. */
export interface SafetensorsEntry {
  name: string
  dtype: string
  shape: number[]
  from: number
  to: number
}

/**
 * Reads and checks the JSON header alone, for files that are larger than one wants in memory.
 * @param dataBytes bytes of the file after the header
 * @param sizes bytes of one element of each dtype that is allowed
 * @throws SafetensorsError that says what is wrong: every entry lies inside the data and fits its shape
 */
export function parseSafetensorsHeader(
  json: Uint8Array,
  dataBytes: number,
  sizes: Readonly<Record<string, number>>,
): { entries: SafetensorsEntry[]; metadata: Record<string, string> } {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json))
  } catch (cause) {
    throw new SafetensorsError('header is not JSON: not a safetensors file, or a damaged one', { cause })
  }
  if (header === null || typeof header !== 'object' || Array.isArray(header))
    throw new SafetensorsError('header is not a JSON object')
  const entries: SafetensorsEntry[] = []
  const metadata: Record<string, string> = {}
  for (const [name, entry] of Object.entries(header as Record<string, unknown>)) {
    if (name === '__metadata__')
      for (const [key, value] of Object.entries((entry ?? {}) as Record<string, unknown>)) metadata[key] = String(value)
    else entries.push(checkedEntry(name, entry, dataBytes, sizes))
  }
  checkApart(entries)
  return { entries, metadata }
}

/** Tensors share no bytes: a small file could otherwise claim its data a thousand times over. */
function checkApart(entries: readonly SafetensorsEntry[]): void {
  const placed = entries.filter(({ from, to }) => to > from).sort((a, b) => a.from - b.from)
  for (const [at, { name, from }] of placed.entries()) {
    const before = placed[at - 1]
    if (before && from < before.to)
      throw new SafetensorsError(
        `tensors "${before.name}" and "${name}" share bytes from ${from} on: the file is damaged`,
      )
  }
}

function checkedEntry(
  name: string,
  entry: unknown,
  dataBytes: number,
  sizes: Readonly<Record<string, number>>,
): SafetensorsEntry {
  const {
    dtype,
    shape,
    data_offsets: offsets,
  } = (entry ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown }
  if (typeof dtype !== 'string' || !Object.hasOwn(sizes, dtype))
    throw new SafetensorsError(
      `tensor "${name}": dtype ${JSON.stringify(dtype)} is not one of ${Object.keys(sizes).join(', ')}`,
    )
  const counts = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && (n as number) >= 0)
  if (!counts(shape))
    throw new SafetensorsError(`tensor "${name}": shape ${JSON.stringify(shape)} is not a list of sizes`)
  if (!counts(offsets) || offsets.length !== 2)
    throw new SafetensorsError(`tensor "${name}": data_offsets ${JSON.stringify(offsets)} are not two offsets`)
  const [from, to] = offsets as [number, number]
  const size = elements(shape) * (sizes[dtype] as number)
  if (to - from !== size)
    throw new SafetensorsError(
      `tensor "${name}": ${to - from} bytes between its offsets, but shape [${shape}] needs ${size}`,
    )
  if (to > dataBytes)
    throw new SafetensorsError(`tensor "${name}" ends at byte ${to} of ${dataBytes} bytes of data: truncated`)
  return { name, dtype, shape: [...shape], from, to }
}

/** Copied, so that the view is aligned and the file's buffer can be freed. Not by slice, which on a Node Buffer is a view. */
function copied(dtype: Dtype, bytes: Uint8Array): TensorData {
  const raw = new ArrayBuffer(bytes.length)
  new Uint8Array(raw).set(bytes)
  if (dtype === 'F32') return new Float32Array(raw)
  if (dtype === 'I32') return new Int32Array(raw)
  return dtype === 'I64' ? new BigInt64Array(raw) : new Uint8Array(raw)
}
