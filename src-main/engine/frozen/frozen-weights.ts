import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { sizeOf } from '../ir.ts'
import { nextPage, writeAt } from '../paged-file.ts'
import { dequantiseBlocks, quantiseBlocks } from './blocks.ts'

/** How a frozen weight is kept; all but float32 lose digits, and computation is in float32 all the same. */
export const storages = ['float32', 'float16', 'int8', 'int4'] as const
export type Storage = (typeof storages)[number]

/** Bytes in the file. */
export interface Place {
  offset: number
  length: number
}
export interface FrozenTensor {
  shape: readonly number[]
  storage: Storage
  values: Place
  /** Of blocks, for int8 and int4. */
  scales?: Place
  zeroPoints?: Place
  /** Of blocks, for int4. */
  offsets?: Place
}

/** Weights that no step changes, in a file that runtimes map into memory. */
export interface FrozenWeights {
  /** Absolute. */
  path: string
  tensors: Readonly<Record<string, FrozenTensor>>
}

/** A weight to be frozen. It is read when its turn comes, and let go. */
export interface WeightToFreeze {
  shape: readonly number[]
  storage: Storage
  read(): Promise<Float32Array>
}

/** One read may not be longer. */
const PIECE = 2 ** 30
const VERSION = 2
const indexOf = (path: string): string => `${path}.json`

/**
 * Writes weights to a file, one after the other. A file that cannot be finished is not left.
 * @throws Error for a weight that does not fill its shape or cannot be stored as asked, naming it
 */
export async function freezeWeights(
  path: string,
  weights: Readonly<Record<string, WeightToFreeze>>,
): Promise<FrozenWeights> {
  mkdirSync(dirname(path), { recursive: true })
  const partial = `${path}.${randomUUID()}.partial`
  const tensors: Record<string, FrozenTensor> = {}
  const file = await open(partial, 'wx')
  try {
    let end = 0
    const append = async (data: Uint8Array | Float32Array | Uint16Array): Promise<Place> => {
      const offset = nextPage(end)
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      await writeAt(file, bytes, offset)
      end = offset + bytes.length
      return { offset, length: bytes.length }
    }
    for (const [name, { shape, storage, read }] of Object.entries(weights)) {
      const data = await read()
      if (data.length !== sizeOf(shape))
        throw new Error(`the weight "${name}" has ${data.length} numbers, which do not fill [${shape}]`)
      try {
        tensors[name] = { shape: [...shape], storage, ...(await store(data, shape, storage, append)) }
      } catch (cause) {
        throw new Error(`the weight "${name}" [${shape}] cannot be stored as ${storage}: ${(cause as Error).message}`, {
          cause,
        })
      }
    }
    await file.truncate(nextPage(end))
    await file.sync()
    await file.close()
    renameSync(partial, path)
    writeFileSync(`${indexOf(path)}.partial`, JSON.stringify({ version: VERSION, tensors }))
    renameSync(`${indexOf(path)}.partial`, indexOf(path))
  } finally {
    await file.close().catch(() => undefined)
    rmSync(partial, { force: true })
  }
  return { path: resolve(path), tensors }
}

async function store(
  data: Float32Array,
  shape: readonly number[],
  storage: Storage,
  append: (data: Uint8Array | Float32Array | Uint16Array) => Promise<Place>,
): Promise<Omit<FrozenTensor, 'shape' | 'storage'>> {
  if (storage === 'float32') return { values: await append(data) }
  if (storage === 'float16') {
    const half = new Float16Array(data)
    return { values: await append(new Uint16Array(half.buffer)) }
  }
  if (shape.length !== 2) throw new Error('only matrices are stored in blocks')
  const matrix = quantiseBlocks(data, shape[1] as number, storage === 'int4' ? 4 : 8)
  return {
    values: await append(matrix.values),
    scales: await append(matrix.scales),
    zeroPoints: await append(matrix.zeroPoints),
    ...(matrix.offsets ? { offsets: await append(matrix.offsets) } : {}),
  }
}

/** Weights that were frozen before, or null if that file is not there, is of another version or is not whole. */
export function openFrozenWeights(path: string): FrozenWeights | null {
  if (!existsSync(path) || !existsSync(indexOf(path))) return null
  const index = JSON.parse(readFileSync(indexOf(path), 'utf8')) as {
    version: number
    tensors: Record<string, FrozenTensor>
  }
  const places = Object.values(index.tensors).flatMap(({ values, scales, zeroPoints, offsets }) =>
    [values, scales, zeroPoints, offsets].filter((place) => place !== undefined),
  )
  const end = places.reduce((most, { offset, length }) => Math.max(most, offset + length), 0)
  if (index.version !== VERSION || statSync(path).size < end) return null
  return { path: resolve(path), tensors: index.tensors }
}

/** A weight in float32. */
export interface WideTensor {
  shape: readonly number[]
  dtype: 'float32'
  data: Float32Array
}

/** A frozen weight as the numbers that it stands for. @throws Error if there is none of that name */
export async function readFrozen({ path, tensors }: FrozenWeights, name: string): Promise<WideTensor> {
  const tensor = tensors[name]
  if (!tensor) throw new Error(`${basename(path)} holds no weight "${name}"`)
  const wide = (data: Float32Array): WideTensor => ({ shape: tensor.shape, dtype: 'float32', data })
  const file = await open(path)
  const bytes = async ({ offset, length }: Place): Promise<ArrayBuffer> => {
    const buffer = new Uint8Array(length)
    for (let done = 0; done < length; ) {
      const { bytesRead } = await file.read(buffer, done, Math.min(PIECE, length - done), offset + done)
      if (bytesRead === 0) throw new Error(`${path} ends within the weight "${name}"; delete it, it is made again`)
      done += bytesRead
    }
    return buffer.buffer
  }
  try {
    const values = await bytes(tensor.values)
    if (tensor.storage === 'float32') return wide(new Float32Array(values))
    if (tensor.storage === 'float16') return wide(Float32Array.from(new Float16Array(values)))
    const matrix = {
      values: new Uint8Array(values),
      scales: new Float32Array(await bytes(tensor.scales as Place)),
      zeroPoints: new Uint8Array(await bytes(tensor.zeroPoints as Place)),
      ...(tensor.offsets ? { offsets: new Float32Array(await bytes(tensor.offsets)) } : {}),
    }
    return wide(dequantiseBlocks(matrix, tensor.storage === 'int4' ? 4 : 8))
  } finally {
    await file.close()
  }
}
