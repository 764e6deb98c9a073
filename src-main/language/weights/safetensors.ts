import { parseSafetensorsHeader, type SafetensorsEntry, SafetensorsError } from '../../../src-shared/safetensors.ts'
import type { StoredType } from './dequantise.ts'
import { WeightFile } from './weight-file.ts'
import { type WeightTensor, weightTensor } from './weight-tensor.ts'

/** Bytes of one element of each type that the format knows; files may hold buffers of types that no weight has. */
const SIZES = {
  BOOL: 1, U8: 1, I8: 1, F8_E4M3: 1, F8_E5M2: 1, I16: 2, U16: 2, F16: 2, BF16: 2,
  I32: 4, U32: 4, F32: 4, I64: 8, U64: 8, F64: 8,
} // biome-ignore format: a table
const WEIGHTS: readonly string[] = ['F32', 'F16', 'BF16'] satisfies StoredType[]
const HEADER_LIMIT = 100_000_000

export interface SafetensorsWeights {
  names: readonly string[]
  /** @throws WeightsError if there is none of that name, or one of a type that no weight has */
  tensor(name: string): WeightTensor
  metadata: Readonly<Record<string, string>>
  close(): Promise<void>
}

/**
 * Opens a safetensors file and reads its header; tensors are read one by one.
 * @throws WeightsError saying what is wrong with the file; nothing that the file only claims is allocated
 */
export async function openSafetensors(path: string): Promise<SafetensorsWeights> {
  const file = await WeightFile.open(path)
  try {
    return await readHeader(file)
  } catch (error) {
    await file.close()
    throw error instanceof SafetensorsError ? file.error(error.message, { cause: error }) : error
  }
}

async function readHeader(file: WeightFile): Promise<SafetensorsWeights> {
  const { start, entries, metadata } = await readSafetensorsHeader(file, SIZES)
  return {
    names: [...entries.keys()],
    tensor: (name) => {
      const entry = entries.get(name)
      if (!entry) throw file.error(`has no tensor "${name}"`)
      if (!WEIGHTS.includes(entry.dtype))
        throw file.error(`"${name}" is ${entry.dtype}; weights are read from ${WEIGHTS.join(', ')}`)
      return weightTensor(file, start + entry.from, entry.shape, entry.dtype as StoredType)
    },
    metadata,
    close: file.close,
  }
}

/**
 * The header of an open file alone.
 * @param sizes bytes of one element of each type that may occur
 * @returns where the data begins, and every tensor by name
 * @throws WeightsError or SafetensorsError saying what is wrong with the file
 */
export async function readSafetensorsHeader(
  file: WeightFile,
  sizes: Readonly<Record<string, number>>,
): Promise<{ start: number; entries: ReadonlyMap<string, SafetensorsEntry>; metadata: Record<string, string> }> {
  if (file.size < 8) throw file.error(`has ${file.size} bytes, a safetensors header length needs 8: it is truncated`)
  const length = new DataView((await file.read(0, 8)).buffer).getBigUint64(0, true)
  if (length > BigInt(Math.min(HEADER_LIMIT, file.size - 8)))
    throw file.error(`a header of ${length} bytes in a file of ${file.size}: truncated, or not safetensors`)
  const start = 8 + Number(length)
  const { entries, metadata } = parseSafetensorsHeader(await file.read(8, Number(length)), file.size - start, sizes)
  return { start, entries: new Map(entries.map((entry) => [entry.name, entry])), metadata }
}
