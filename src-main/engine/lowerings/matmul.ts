import { BLOCK } from '../frozen/blocks.ts'
import { sizeOf, type Value } from '../ir.ts'
import type { LoweredWeight } from './frozen-weight.ts'
import { input, type Lowering, type LoweringContext, output } from './lowering.ts'

const swapLast = (value: Value, { onnx, name }: LoweringContext): string => {
  const perm = value.shape.map((_, axis) => axis)
  const last = perm.length - 1
  ;[perm[last], perm[last - 1]] = [last - 1, last]
  return onnx.op('Transpose', [name(value)], { perm })
}

/** Products of activations are made in 8 bits; 0 leaves them as they are, several times slower. */
const EIGHT_BITS = 4

/** x Wᵀ with W in blocks of few bits, which is widened on the way and never as a whole. */
function blockProduct(
  x: Value,
  weight: LoweredWeight,
  shape: readonly number[],
  { onnx, name }: LoweringContext,
): string {
  const [rows, width] = weight.tensor.shape as [number, number]
  const flat = onnx.op('Reshape', [name(x), onnx.ints([sizeOf(x.shape) / width, width])])
  const product = onnx.op('ms.MatMulNBits', [flat, weight.values, weight.scales, weight.zeroPoints], {
    K: width,
    N: rows,
    bits: weight.tensor.storage === 'int4' ? 4 : 8,
    block_size: BLOCK,
    accuracy_level: EIGHT_BITS,
  })
  if (!weight.offsets) return onnx.op('Reshape', [product, onnx.ints(shape)])
  // Every weight of a block has its offset in common, so the sums of the block's inputs are all that it needs.
  const cut = onnx.op('Reshape', [flat, onnx.ints([sizeOf(x.shape) / width, width / BLOCK, BLOCK])])
  const sums = onnx.op('ReduceSum', [cut, onnx.ints([2])], { keepdims: 0 })
  const whole = onnx.op('Gemm', [sums, weight.offsets, product], { transB: 1 })
  return onnx.op('Reshape', [whole, onnx.ints(shape)])
}

export const matmul: Record<string, Lowering> = {
  BatchMatMul: (node, context) => {
    const { onnx, name } = context
    const [a, b] = [input(node, 0), input(node, 1)]
    const { transposeA, transposeB } = node.attributes
    const weight = context.frozen(b)
    if (weight?.scales && transposeB && !transposeA && b.shape.length === 2)
      return [blockProduct(a, weight, output(node).shape, context)]
    const flat = (value: Value) => sizeOf(value.shape.slice(0, -2)) === 1
    if (flat(a) && flat(b)) {
      const matrix = (value: Value) =>
        value.shape.length === 2 ? name(value) : onnx.op('Reshape', [name(value), onnx.ints(value.shape.slice(-2))])
      const product = onnx.op('Gemm', [matrix(a), matrix(b)], {
        transA: transposeA ? 1 : 0,
        transB: transposeB ? 1 : 0,
      })
      const { shape } = output(node)
      return [shape.length === 2 ? product : onnx.op('Reshape', [product, onnx.ints(shape)])]
    }
    const left = transposeA ? swapLast(a, context) : name(a)
    const right = transposeB ? swapLast(b, context) : name(b)
    return [onnx.op('MatMul', [left, right])]
  },
}
