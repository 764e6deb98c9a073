import { open } from 'node:fs/promises'
import { type Dtype, sizeOf } from './ir.ts'
import type { WeightContent, WeightPlace } from './onnx-builder.ts'
import { nextPage, writeAt } from './paged-file.ts'
import { checkInput, type HostTensor } from './runtimes/runtime.ts'

/** A weight that is read when it is written, so that a model larger than the memory can be exported. */
export interface StoredWeight {
  shape: readonly number[]
  dtype: Dtype
  read(): HostTensor | Promise<HostTensor>
}
export type Weight = HostTensor | StoredWeight

const ELEMENT_BYTES: Record<Dtype, number> = { float32: 4, int32: 4, bool: 1 }
const bytesOf = ({ shape, dtype }: Weight): number => sizeOf(shape) * ELEMENT_BYTES[dtype]

export const byteLengthOf = (weights: Readonly<Record<string, Weight>>): number =>
  Object.values(weights).reduce((sum, weight) => sum + bytesOf(weight), 0)

/** @throws ShapeError if what is read is not of the promised shape and type */
export async function readWeight(name: string, weight: Weight): Promise<HostTensor> {
  return 'data' in weight ? weight : checkInput(name, await weight.read(), weight.shape, weight.dtype)
}

/** Where each weight goes in a file of weights. */
export function placeWeights(weights: Readonly<Record<string, Weight>>, location: string): Map<string, WeightPlace> {
  const places = new Map<string, WeightPlace>()
  let end = 0
  for (const [name, weight] of Object.entries(weights)) {
    const offset = nextPage(end)
    const length = bytesOf(weight)
    places.set(name, { location, offset, length })
    end = offset + length
  }
  return places
}

/** Writes one weight after the other; none is held beyond its turn, and none is copied. */
export async function writeWeights(
  path: string,
  weights: Readonly<Record<string, Weight>>,
  places: ReadonlyMap<string, WeightContent>,
): Promise<void> {
  const file = await open(path, 'w')
  try {
    for (const [name, weight] of Object.entries(weights)) {
      const { data } = await readWeight(name, weight)
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      await writeAt(file, bytes, (places.get(name) as WeightPlace).offset)
    }
    await file.sync()
  } finally {
    await file.close()
  }
}
