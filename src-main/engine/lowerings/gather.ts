import { BLOCK } from '../frozen/blocks.ts'
import { sizeOf } from '../ir.ts'
import { ONNX_TYPE, type OnnxBuilder } from '../onnx-builder.ts'
import { addOffsets, type LoweredWeight } from './frozen-weight.ts'
import { input, type Lowering, output } from './lowering.ts'

/** Rows of a table in blocks of few bits; the rest of the table is not widened. */
function blockGather(
  { tensor, values, scales, zeroPoints, offsets }: LoweredWeight,
  rows: string,
  shape: readonly number[],
  onnx: OnnxBuilder,
): string {
  const bits = tensor.storage === 'int4' ? 4 : 8
  const [count, width] = tensor.shape as [number, number]
  const flat = onnx.op('Reshape', [values, onnx.ints([count, (width * bits) / 8])])
  const wide = onnx.op('ms.GatherBlockQuantized', [flat, rows, scales, zeroPoints], {
    gather_axis: 0,
    quantize_axis: 1,
    block_size: BLOCK,
    bits,
  })
  return offsets ? addOffsets(onnx, wide, onnx.op('Gather', [offsets, rows], { axis: 0 }), shape) : wide
}

export const gather: Record<string, Lowering> = {
  GatherV2: (node, { onnx, name, frozen, target }) => {
    if (Number(node.attributes.batchDims ?? 0) !== 0)
      throw new Error('gather with batchDims is not lowered; use batchDims 0')
    const weight = frozen(input(node, 0))
    if (weight?.scales && target.cpu && node.attributes.axis === 0)
      return [blockGather(weight, name(input(node, 1)), output(node).shape, onnx)]
    return [onnx.op('Gather', [name(input(node, 0)), name(input(node, 1))], { axis: node.attributes.axis as number })]
  },
  // Rows with a negative id are dropped, as TensorFlow does: they go to an extra row that is cut off again.
  UnsortedSegmentSum: (node, { onnx, name }) => {
    const [x, ids] = [input(node, 0), input(node, 1)]
    const segments = node.attributes.numSegments as number
    const [rows, width] = [sizeOf(ids.shape), sizeOf(x.shape) / sizeOf(ids.shape)]
    const updates = onnx.op('Reshape', [name(x), onnx.ints([rows, width])])
    const flat = onnx.op('Reshape', [name(ids), onnx.ints([rows, 1])])
    const kept = onnx.op('Where', [
      onnx.op('Less', [flat, onnx.scalar(0, 'int32')]),
      onnx.scalar(segments, 'int32'),
      flat,
    ])
    const indices = onnx.op('Expand', [onnx.op('Cast', [kept], { to: ONNX_TYPE.int64 }), onnx.ints([rows, width])])
    const zeros = onnx.op('Expand', [onnx.scalar(0, output(node).dtype), onnx.ints([segments + 1, width])])
    const sums = onnx.op('ScatterElements', [zeros, indices, updates], { axis: 0, reduction: 'add' })
    const cut = onnx.op('Slice', [sums, onnx.ints([0]), onnx.ints([segments]), onnx.ints([0])])
    return [onnx.op('Reshape', [cut, onnx.ints(output(node).shape)])]
  },
  TensorScatterUpdate: (node, { onnx, name }) => {
    const indices = onnx.op('Cast', [name(input(node, 1))], { to: ONNX_TYPE.int64 })
    return [onnx.op('ScatterND', [name(input(node, 0)), indices, name(input(node, 2))])]
  },
  OneHot: (node, { onnx, name }) => {
    const { dtype } = output(node)
    // ONNX counts negative indices from the end; here they are hot nowhere, as ones beyond the depth are.
    const depth = node.attributes.depth as number
    const given = name(input(node, 0))
    const outside = onnx.op('Less', [given, onnx.scalar(0, 'int32')])
    const safe = onnx.op('Where', [outside, onnx.scalar(depth, 'int32'), given])
    const indices = onnx.op('Cast', [safe], { to: ONNX_TYPE.int64 })
    const values = onnx.floats([Number(node.attributes.offValue ?? 0), Number(node.attributes.onValue ?? 1)])
    const hot = onnx.op('OneHot', [indices, onnx.ints([depth]), values], { axis: -1 })
    return [dtype === 'float32' ? hot : onnx.op('Cast', [hot], { to: ONNX_TYPE[dtype] })]
  },
}
