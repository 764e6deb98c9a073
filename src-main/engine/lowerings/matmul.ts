import { sizeOf, type Value } from '../ir.ts'
import { input, type Lowering, type LoweringContext, output } from './lowering.ts'

const swapLast = (value: Value, { onnx, name }: LoweringContext): string => {
  const perm = value.shape.map((_, axis) => axis)
  const last = perm.length - 1
  ;[perm[last], perm[last - 1]] = [last - 1, last]
  return onnx.op('Transpose', [name(value)], { perm })
}

export const matmul: Record<string, Lowering> = {
  BatchMatMul: (node, context) => {
    const { onnx, name } = context
    const [a, b] = [input(node, 0), input(node, 1)]
    const { transposeA, transposeB } = node.attributes
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
