import type { Value } from '../ir.ts'
import { convolution as geometry } from '../kernels.ts'
import { input, type Lowering, type LoweringContext, output } from './lowering.ts'

/**
 * dW of a convolution: dW[i, j] = Σ over pictures and positions of x, shifted by tap (i, j), times dy. Which form is
 * fastest depends on the shape (measured on the processor, see docs/engine.md).
 */
type Info = ReturnType<typeof geometry>

/** Positions below which the batch is folded into the inner axis of long products. */
const FOLDED_POSITIONS = 1024

export const filterGradient: Lowering = (node, context) => {
  if (node.attributes.layout !== 'NCHW') throw new Error(`${node.kernel} reached the lowering without the layout pass`)
  const { name, target } = context
  const [x, dy] = [input(node, 0), input(node, 1)]
  const filterShape = output(node).shape as [number, number, number, number]
  const [batch, channels, height, width] = x.shape as [number, number, number, number]
  const info = geometry([batch, height, width, channels], filterShape, node.attributes)
  const dense = info.strideHeight === 1 && info.strideWidth === 1 && info.dilationHeight * info.dilationWidth === 1
  if (target.cpu && dense) return [shiftedProducts(name(x), name(dy), info, context)]
  return [windowProducts(x, dy, info, filterShape, context)]
}

/**
 * Stride 1: x is shifted by each column of the filter and dy by each row (with zeros where it leaves the map), each a
 * single Pad; the product of the two then is the gradient of one tap. Large maps stack the rows of dy, so that one
 * batched product serves a column of taps; small ones fold the batch into the inner axis.
 */
function shiftedProducts(x: string, dy: string, info: Info, { onnx }: LoweringContext): string {
  const { batchSize: batch, inChannels: from, outChannels: to, filterHeight: rows, filterWidth: columns } = info
  const { top, left, bottom } = info.padInfo
  const positions = (info.outHeight + rows - 1) * info.outWidth
  const padded = (map: string, pads: [number, number, number, number]) => {
    const [before, leading, after, trailing] = pads
    return pads.every((pad) => pad === 0)
      ? map
      : onnx.op('Pad', [map, onnx.ints([0, 0, before, leading, 0, 0, after, trailing])])
  }
  const shifts = (map: string) =>
    Array.from({ length: columns }, (_, column) =>
      padded(map, [top, left - column, bottom, info.outWidth - info.inWidth - left + column]),
    )
  const lifts = (map: string) => Array.from({ length: rows }, (_, row) => padded(map, [row, 0, rows - 1 - row, 0]))
  const joined = (parts: string[], axis: number) =>
    parts.length === 1 ? (parts[0] as string) : onnx.op('Concat', parts, { axis })

  if (info.outHeight * info.outWidth < FOLDED_POSITIONS) {
    const matrices = (maps: string[], channels: number) =>
      maps.map((map) => onnx.op('Reshape', [map, onnx.ints([channels, batch * positions])]))
    const turned = (map: string) => onnx.op('Transpose', [map], { perm: [1, 0, 2, 3] })
    const [left, right] = [matrices(shifts(turned(x)), from), matrices(lifts(turned(dy)), to)]
    const taps = right.flatMap((lift) => left.map((shift) => onnx.op('Gemm', [shift, lift], { transB: 1 })))
    return onnx.op('Reshape', [joined(taps, 0), onnx.ints([rows, columns, from, to])])
  }
  const stack = onnx.op('Reshape', [joined(lifts(dy), 1), onnx.ints([batch, rows * to, positions])])
  const products = shifts(x).map((shift) => {
    const matrix = onnx.op('Reshape', [shift, onnx.ints([batch, from, positions])])
    const product = onnx.op('ms.FusedMatMul', [stack, matrix], { transB: 1 })
    return onnx.op('ReduceSum', [product, onnx.ints([0])], { keepdims: 0 })
  })
  const taps = onnx.op('Reshape', [joined(products, 0), onnx.ints([columns, rows, to, from])])
  return onnx.op('Transpose', [taps], { perm: [1, 0, 3, 2] })
}

/** Any stride: a batched product of input windows with dy for each tap, summed over the batch. */
function windowProducts(x: Value, dy: Value, info: Info, filterShape: number[], context: LoweringContext): string {
  const { onnx, name } = context
  const positions = info.outHeight * info.outWidth
  const rows = onnx.op('Transpose', [name(dy)], { perm: [0, 2, 3, 1] })
  const right = onnx.op('Reshape', [rows, onnx.ints([info.batchSize, positions, info.outChannels])])
  const products = windows(x, info, context).map((window) => {
    const left = onnx.op('Reshape', [window, onnx.ints([info.batchSize, info.inChannels, positions])])
    return onnx.op('ReduceSum', [onnx.op('MatMul', [left, right]), onnx.ints([0])], { keepdims: 0 })
  })
  const stacked = products.length === 1 ? (products[0] as string) : onnx.op('Concat', products, { axis: 0 })
  return onnx.op('Reshape', [stacked, onnx.ints(filterShape)])
}

/** The padded input as seen by each filter tap in row-major order, each [B, C, outHeight, outWidth]. */
function windows(x: Value, info: Info, { onnx, name }: LoweringContext): string[] {
  const { top, left, bottom, right } = info.padInfo
  const padded =
    top || left || bottom || right
      ? onnx.op('Pad', [name(x), onnx.ints([0, 0, top, left, 0, 0, Math.max(bottom, 0), Math.max(right, 0)])])
      : name(x)
  const strides = [info.strideHeight, info.strideWidth]
  const whole = info.filterHeight === 1 && info.filterWidth === 1 && strides.every((stride) => stride === 1)
  const taps: string[] = []
  for (let i = 0; i < info.filterHeight; i++)
    for (let j = 0; j < info.filterWidth; j++) {
      const endRow = i + (info.outHeight - 1) * info.strideHeight + 1
      const endColumn = j + (info.outWidth - 1) * info.strideWidth + 1
      taps.push(
        whole
          ? padded
          : onnx.op('Slice', [
              padded,
              onnx.ints([i, j]),
              onnx.ints([endRow, endColumn]),
              onnx.ints([2, 3]),
              onnx.ints(strides),
            ]),
      )
    }
  return taps
}
