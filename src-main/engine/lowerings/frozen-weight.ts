import { BLOCK } from '../frozen/blocks.ts'
import type { FrozenTensor, Place } from '../frozen/frozen-weights.ts'
import type { OnnxBuilder } from '../onnx-builder.ts'

/** A frozen weight in an ONNX graph: names of the initializers that hold it in its file. */
export interface LoweredWeight {
  tensor: FrozenTensor
  values: string
  scales: string
  zeroPoints: string
  /** '' for blocks without offsets. */
  offsets: string
}

/**
 * Initializers in a file beside the model, which the runtime maps into memory and may pack in its own way.
 * @param location of the file, relative to the folder that the session is told
 */
export function lowerFrozen(onnx: OnnxBuilder, name: string, tensor: FrozenTensor, location: string): LoweredWeight {
  const { shape, storage } = tensor
  const [rows = 1, width = 1] = shape
  const blocks = width / BLOCK
  const part = (suffix: string, dims: readonly number[], type: 'float32' | 'float16' | 'uint8', place?: Place) =>
    place ? onnx.stored(`${name}${suffix}`, dims, type, { location, ...place }) : ''
  if (storage === 'float32' || storage === 'float16')
    return { tensor, values: part('', shape, storage, tensor.values), scales: '', zeroPoints: '', offsets: '' }
  const bits = storage === 'int4' ? 4 : 8
  return {
    tensor,
    values: part('', [rows, blocks, (BLOCK * bits) / 8], 'uint8', tensor.values),
    scales: part('.scales', [rows, blocks], 'float32', tensor.scales),
    zeroPoints: part('.zero_points', [rows, (blocks * bits) / 8], 'uint8', tensor.zeroPoints),
    offsets: part('.offsets', [rows, blocks], 'float32', tensor.offsets),
  }
}

/** The float32 tensor that it stands for, made anew in every run where it is stored in fewer bits. */
export function widen(onnx: OnnxBuilder, name: string, weight: LoweredWeight, location: string): string {
  const { tensor, values, scales } = weight
  const [rows = 1, width = 1] = tensor.shape
  if (tensor.storage === 'float32') return values
  if (tensor.storage === 'float16') return onnx.op('Cast', [values], { to: 1 })
  // The same bytes once more, as the shape and the type that this operator wants.
  const type = tensor.storage === 'int4' ? 'uint4' : 'uint8'
  const matrix = onnx.stored(`${name}.matrix`, [rows, width], type, { location, ...tensor.values })
  const zeros = onnx.stored(`${name}.zeros`, [rows, width / BLOCK], type, { location, ...(tensor.zeroPoints as Place) })
  const wide = onnx.op('DequantizeLinear', [matrix, scales, zeros], { axis: 1, block_size: BLOCK })
  return weight.offsets ? addOffsets(onnx, wide, weight.offsets, [rows, width]) : wide
}

/** Each block's offset added to its numbers. @param offsets […, blocks] @param shape of the result, […, width] */
export function addOffsets(onnx: OnnxBuilder, wide: string, offsets: string, shape: readonly number[]): string {
  const blocks = (shape.at(-1) as number) / BLOCK
  const cut = onnx.op('Reshape', [wide, onnx.ints([...shape.slice(0, -1), blocks, BLOCK])])
  return onnx.op('Reshape', [onnx.op('Add', [cut, onnx.op('Unsqueeze', [offsets, onnx.ints([-1])])]), onnx.ints(shape)])
}
