import type { Value } from '../ir.ts'
import { MASKED_SCORE } from '../operations/attention.ts'
import { input, type Lowering, type LoweringContext, output } from './lowering.ts'

/** Query heads of one key-value head become rows of one matrix: [B, Hkv, (H / Hkv) · L, n]. */
function stacked(value: Value, keyHeads: number, { onnx, name }: LoweringContext): string {
  const [batch, heads, length, width] = value.shape as [number, number, number, number]
  if (heads === keyHeads) return name(value)
  return onnx.op('Reshape', [name(value), onnx.ints([batch, keyHeads, (heads / keyHeads) * length, width])])
}

const attention: Lowering = (node, context) => {
  const { onnx, name } = context
  const [q, k, v, mask] = [input(node, 0), input(node, 1), input(node, 2), node.inputs[3]]
  const [y, weights] = [output(node, 0), output(node, 1)]
  const keyHeads = k.shape[1] as number
  const [length, keys] = weights.shape.slice(2) as [number, number]
  const products = onnx.op('ms.FusedMatMul', [stacked(q, keyHeads, context), name(k)], {
    transB: 1,
    alpha: { float: Number(node.attributes.scale) },
  })
  let scores = onnx.op('Reshape', [products, onnx.ints(weights.shape)])
  if (mask) scores = onnx.op('Add', [scores, name(mask)])
  // One query that stands at the end sees every key.
  if (node.attributes.causal && length > 1) {
    const everywhere = onnx.op('Expand', [onnx.scalar(MASKED_SCORE), onnx.ints([length, keys])])
    const later = onnx.op('Trilu', [everywhere, onnx.index(keys - length + 1)], { upper: 1 })
    scores = onnx.op('Add', [scores, later])
  }
  const softmax = onnx.op('Softmax', [scores], { axis: -1 })
  const rows = onnx.op('Reshape', [
    softmax,
    onnx.ints([weights.shape[0] as number, keyHeads, ((weights.shape[1] as number) / keyHeads) * length, keys]),
  ])
  return [onnx.op('Reshape', [onnx.op('MatMul', [rows, name(v)]), onnx.ints(y.shape)]), softmax]
}

/** dS = P ∘ (dP − rowsum(dy ∘ y)); the scale goes into the products that follow. */
const attentionGradient: Lowering = (node, context) => {
  const { onnx, name } = context
  const [dy, y, q, k, v, weights] = [0, 1, 2, 3, 4, 5].map((index) => input(node, index)) as [
    Value,
    Value,
    Value,
    Value,
    Value,
    Value,
  ]
  const keyHeads = k.shape[1] as number
  const scale = { float: Number(node.attributes.scale) }
  const [batch, heads, length] = dy.shape as [number, number, number]
  const up = stacked(dy, keyHeads, context)
  const p = stacked(weights, keyHeads, context)
  const delta = onnx.op('ReduceSum', [onnx.op('Mul', [name(dy), name(y)]), onnx.ints([3])], { keepdims: 1 })
  const deltas = onnx.op('Reshape', [delta, onnx.ints([batch, keyHeads, (heads / keyHeads) * length, 1])])
  const dp = onnx.op('ms.FusedMatMul', [up, name(v)], { transB: 1 })
  const ds = onnx.op('Mul', [p, onnx.op('Sub', [dp, deltas])])
  const dq = onnx.op('ms.FusedMatMul', [ds, name(k)], { alpha: scale })
  return [
    onnx.op('Reshape', [dq, onnx.ints(q.shape)]),
    onnx.op('ms.FusedMatMul', [ds, stacked(q, keyHeads, context)], { transA: 1, alpha: scale }),
    onnx.op('ms.FusedMatMul', [p, up], { transA: 1 }),
  ]
}

/** RotaryEmbedding counts positions in one table; sequences with positions of their own get one below the other. */
const rotary: Lowering = (node, { onnx, name }) => {
  const [x, cos, sin] = [input(node, 0), input(node, 1), input(node, 2)]
  const [batch, , length, d] = x.shape as [number, number, number, number]
  const shared = cos.shape.length === 2
  const table = (value: string) => (shared ? value : onnx.op('Reshape', [value, onnx.ints([batch * length, d / 2])]))
  const places = shared
    ? onnx.ints([0])
    : onnx.constant(
        BigInt64Array.from({ length: batch * length }, (_, at) => BigInt(at)),
        [batch, length],
        'int64',
      )
  const angle = node.attributes.inverse ? onnx.op('Neg', [name(sin)]) : name(sin)
  return [onnx.op('ms.RotaryEmbedding', [name(x), places, table(name(cos)), table(angle)])]
}

export const attentions: Record<string, Lowering> = {
  Attention: attention,
  AttentionGrad: attentionGradient,
  Rotary: rotary,
}
