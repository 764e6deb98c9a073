import { BLOCKS, type StoredType } from './dequantise.ts'
import { GgufError, type GgufValue, parseGgufHeader } from './gguf-header.ts'
import { WeightFile } from './weight-file.ts'
import { type WeightTensor, weightTensor } from './weight-tensor.ts'

/** Numbers of tensor types in the file (ggml.h), of those that can be read. */
const TYPES: Readonly<Record<number, StoredType>> = {
  0: 'F32',
  1: 'F16',
  2: 'Q4_0',
  3: 'Q4_1',
  8: 'Q8_0',
  12: 'Q4_K',
  14: 'Q6_K',
  30: 'BF16',
}

/** Headers are read whole; that of a vocabulary of 256,000 tokens with its merges has about 16 MB. */
const HEADER_LIMIT = 64 << 20
const FIRST_READ = 1 << 20

export interface GgufWeights {
  path: string
  metadata: ReadonlyMap<string, GgufValue>
  names: readonly string[]
  /** Shape of a tensor, outermost first. @throws WeightsError if there is none of that name */
  shapeOf(name: string): readonly number[]
  /**
   * @param rowOf our row for each stored row, where the two orders differ
   * @throws WeightsError if there is none of that name, or one of a type that cannot be read
   */
  tensor(name: string, rowOf?: (row: number) => number): WeightTensor
  close(): Promise<void>
}

/**
 * Opens a GGUF file, version 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), and reads its header;
 * tensors are read one by one.
 * @throws WeightsError saying what is wrong with the file; nothing that the file only claims is allocated
 */
export async function openGguf(path: string): Promise<GgufWeights> {
  const file = await WeightFile.open(path)
  try {
    return await readHeader(file)
  } catch (error) {
    await file.close()
    throw error instanceof GgufError ? file.error(error.message, { cause: error }) : error
  }
}

async function readHeader(file: WeightFile): Promise<GgufWeights> {
  const limit = Math.min(file.size, HEADER_LIMIT)
  let header = null
  // How long a header is, only its end tells.
  for (let length = Math.min(limit, FIRST_READ); header === null; length = Math.min(limit, 2 * length)) {
    header = parseGgufHeader(await file.read(0, length), file.size)
    if (header === null && length === limit)
      throw file.error(
        limit === file.size
          ? `the file ends inside its header, after ${file.size} bytes: it is truncated`
          : `its header has more than ${HEADER_LIMIT} bytes: damaged, or no language model`,
      )
  }

  const tensors = new Map<string, Placed>()
  for (const { name, shape, type, offset } of header.tensors) {
    if (tensors.has(name)) throw file.error(`has two tensors "${name}"`)
    const stored = TYPES[type]
    const from = header.dataStart + offset
    if (stored) checkExtent(file, name, shape, stored, from)
    else if (from > file.size)
      throw file.error(`"${name}" begins at byte ${from} of ${file.size}: the file is truncated`)
    tensors.set(name, { shape, type, offset: from })
  }
  checkApart(file, tensors)
  const entry = (name: string) => {
    const found = tensors.get(name)
    if (!found) throw file.error(`has no tensor "${name}"`)
    return found
  }
  return {
    path: file.path,
    metadata: header.metadata,
    names: [...tensors.keys()],
    shapeOf: (name) => entry(name).shape,
    tensor: (name, rowOf) => {
      const { shape, type, offset } = entry(name)
      const stored = TYPES[type]
      if (!stored)
        throw file.error(
          `"${name}" has the tensor type ${type}, which cannot be read; convert the file to one of ${Object.values(TYPES).join(', ')}`,
        )
      return weightTensor(file, offset, shape, stored, rowOf)
    },
    close: file.close,
  }
}

interface Placed {
  shape: readonly number[]
  type: number
  offset: number
}

/** Bytes of a tensor of a type that can be read. */
const bytesOf = ({ shape, type }: Placed): number => {
  const { elements, bytes } = BLOCKS[TYPES[type] as StoredType]
  return (shape.reduce((product, side) => product * side, 1) / elements) * bytes
}

/** @throws WeightsError if two tensors share bytes: a small file could claim its data a thousand times over */
function checkApart(file: WeightFile, tensors: ReadonlyMap<string, Placed>): void {
  const placed = [...tensors].filter(([, tensor]) => tensor.type in TYPES && bytesOf(tensor) > 0)
  placed.sort(([, a], [, b]) => a.offset - b.offset)
  for (const [at, [name, { offset }]] of placed.entries()) {
    const before = placed[at - 1]
    if (before && offset < before[1].offset + bytesOf(before[1]))
      throw file.error(`"${before[0]}" and "${name}" share bytes from ${offset} on: the file is damaged`)
  }
}

/** @throws WeightsError unless the file holds all of a tensor */
function checkExtent(file: WeightFile, name: string, shape: readonly number[], type: StoredType, from: number): void {
  const { elements, bytes } = BLOCKS[type]
  const row = shape.at(-1) ?? 1
  if (row % elements !== 0)
    throw file.error(`"${name}" has rows of ${row} weights, which are not whole blocks of ${elements} (${type})`)
  const size = (shape.reduce((product, side) => product * side, 1) / elements) * bytes
  if (!(from + size <= file.size))
    throw file.error(
      `"${name}" [${shape}] of ${type} has ${size} bytes from byte ${from} on, but the file has ${file.size}: truncated, or damaged`,
    )
}
