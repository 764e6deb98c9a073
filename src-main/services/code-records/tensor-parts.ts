import { readSafetensorsHeader } from '../../language/weights/safetensors.ts'
import { WeightFile } from '../../language/weights/weight-file.ts'

/** Types that samples are written in, with the bytes of one element. */
const SIZES = { U8: 1, I32: 4, F32: 4, I64: 8 } as const
/** What a part can be read as; a sample has nothing of other types that is read in parts. */
const VIEWS = { U8: Uint8Array, I32: Int32Array, F32: Float32Array } as const
type PartType = keyof typeof VIEWS
export type PartOf<T extends PartType> = InstanceType<(typeof VIEWS)[T]>

/** An open safetensors file of which single values are read where they lie. */
export interface TensorParts {
  metadata: Readonly<Record<string, string>>
  /** Sizes of a tensor; null if the file has none of that name. */
  shape(name: string): readonly number[] | null
  /**
   * `count` elements from the `from`-th on, counted over the flattened tensor; all from there if `count` is left out.
   * @throws WeightsError if there is no such tensor, it is of another type, or it does not reach so far
   */
  read<T extends PartType>(name: string, type: T, from?: number, count?: number): Promise<PartOf<T>>
  close(): Promise<void>
}

/** @throws WeightsError or SafetensorsError that names the file and what is wrong with it */
export async function openTensorParts(path: string): Promise<TensorParts> {
  const file = await WeightFile.open(path)
  try {
    const { start, entries, metadata } = await readSafetensorsHeader(file, SIZES)
    return {
      metadata,
      shape: (name) => entries.get(name)?.shape ?? null,
      async read(name, type, from = 0, count) {
        const entry = entries.get(name)
        if (!entry) throw file.error(`has no tensor "${name}"`)
        if (entry.dtype !== type) throw file.error(`"${name}" is ${entry.dtype}; ${type} is expected`)
        const size = SIZES[type]
        const all = (entry.to - entry.from) / size
        const length = count ?? all - from
        if (from < 0 || length < 0 || from + length > all)
          throw file.error(`"${name}" has ${all} elements; ${from} to ${from + length} are not among them`)
        const bytes = await file.read(start + entry.from + from * size, length * size)
        return new VIEWS[type](bytes.buffer) as PartOf<typeof type>
      },
      close: file.close,
    }
  } catch (error) {
    await file.close()
    throw error
  }
}
