/** Makes GGUF files, right ones and wrong ones, byte by byte. */

export type MetadataValue =
  | { type: 'u32' | 'i32' | 'f32' | 'bool'; value: number }
  | { type: 'string'; value: string }
  | { type: 'strings'; value: readonly string[] }
  | { type: 'i32s' | 'f32s'; value: readonly number[] }
export interface StoredGgufTensor {
  name: string
  /** Outermost first. */
  shape: readonly number[]
  /** Number of its type in ggml.h. */
  type: number
  bytes: Uint8Array
}

export const bytesOf = (values: Float32Array | Uint16Array | Uint8Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
export const u64 = (value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
export const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)])

const f32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}
const i32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

function encodeValue(value: MetadataValue): Buffer {
  switch (value.type) {
    case 'u32':
      return Buffer.concat([u32(4), u32(value.value)])
    case 'i32':
      return Buffer.concat([u32(5), i32(value.value)])
    case 'f32':
      return Buffer.concat([u32(6), f32(value.value)])
    case 'bool':
      return Buffer.concat([u32(7), Buffer.of(value.value)])
    case 'string':
      return Buffer.concat([u32(8), text(value.value)])
    case 'strings':
      return Buffer.concat([u32(9), u32(8), u64(value.value.length), ...value.value.map(text)])
    case 'f32s':
      return Buffer.concat([u32(9), u32(6), u64(value.value.length), ...value.value.map(f32)])
    case 'i32s':
      return Buffer.concat([u32(9), u32(5), u64(value.value.length), ...value.value.map(i32)])
  }
}

const ALIGNMENT = 32
const padded = (bytes: Uint8Array): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((ALIGNMENT - (bytes.length % ALIGNMENT)) % ALIGNMENT)])

export const encodeHeader = (tensors: number | bigint, pairs: number | bigint, version = 3): Buffer =>
  Buffer.concat([Buffer.from('GGUF'), u32(version), u64(tensors), u64(pairs)])

/** One entry of the list of tensors. @param shape outermost first */
export const encodeInfo = (name: string, shape: readonly (number | bigint)[], type: number, offset: number | bigint) =>
  Buffer.concat([text(name), u32(shape.length), ...shape.toReversed().map(u64), u32(type), u64(offset)])

/** A whole file. */
export function encodeGguf(
  metadata: Readonly<Record<string, MetadataValue>>,
  tensors: readonly StoredGgufTensor[],
): Buffer {
  const pairs = Object.entries(metadata).map(([key, value]) => Buffer.concat([text(key), encodeValue(value)]))
  const data = tensors.map(({ bytes }) => padded(bytes))
  let offset = 0
  const infos = tensors.map(({ name, shape, type }, at) => {
    const info = encodeInfo(name, shape, type, offset)
    offset += (data[at] as Buffer).length
    return info
  })
  return Buffer.concat([
    padded(Buffer.concat([encodeHeader(tensors.length, pairs.length), ...pairs, ...infos])),
    ...data,
  ])
}
