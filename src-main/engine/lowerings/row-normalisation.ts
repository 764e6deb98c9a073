import { sizeOf } from '../ir.ts'
import { input, type Lowering, output } from './lowering.ts'

/** Normalisations over the last axis: layer norm and RMS norm. */

/** On WebGPU the fused operator of onnxruntime 1.30 gives the mean where its second output should be 1/rms. */
const rmsNorm: Lowering = (node, { onnx, name, target }) => {
  const epsilon = Number(node.attributes.epsilon)
  if (target.cpu)
    return onnx.ops('SimplifiedLayerNormalization', node.inputs.map(name), 2, {
      axis: -1,
      stash_type: 1,
      epsilon: { float: epsilon },
    })
  const [x, weight] = node.inputs.map(name) as [string, string]
  const squares = onnx.op('ReduceMean', [onnx.op('Mul', [x, x]), onnx.ints([-1])], { keepdims: 1 })
  const inverse = onnx.op('Reciprocal', [onnx.op('Sqrt', [onnx.op('Add', [squares, onnx.scalar(epsilon)])])])
  return [onnx.op('Mul', [onnx.op('Mul', [x, inverse]), weight]), inverse]
}

/** dx = (1/rms) · (g − x̂ · mean(g·x̂)) with g = dy · weight. */
const rmsNormGradient: Lowering = (node, { onnx, name }) => {
  const [dy, x, weight, inverse] = node.inputs.map(name) as [string, string, string, string]
  const normalised = onnx.op('Mul', [x, inverse])
  const up = onnx.op('Mul', [dy, weight])
  const projection = onnx.op('ReduceMean', [onnx.op('Mul', [up, normalised]), onnx.ints([-1])], { keepdims: 1 })
  const dx = onnx.op('Mul', [inverse, onnx.op('Sub', [up, onnx.op('Mul', [normalised, projection])])])
  const width = output(node, 1).shape[0] as number
  const rows = sizeOf(input(node, 0).shape) / width
  const flat = onnx.op('Reshape', [onnx.op('Mul', [dy, normalised]), onnx.ints([rows, width])])
  return [dx, onnx.op('ReduceSum', [flat, onnx.ints([0])], { keepdims: 0 })]
}

const layerNorm: Lowering = (node, { onnx, name }) => [
  onnx.op('LayerNormalization', node.inputs.map(name), {
    axis: -1,
    epsilon: { float: Number(node.attributes.epsilon) },
  }),
]

/** dx = (1/σ) · (g − mean(g) − x̂ · mean(g·x̂)) with g = dy · scale; the means are products with the scale. */
const layerNormGradient: Lowering = (node, { onnx, name }) => {
  const [dy, x, scale] = [input(node, 0), input(node, 1), input(node, 2)]
  const width = scale.shape[0] as number
  const rows = sizeOf(x.shape) / width
  const flat = (value: string) => onnx.op('Reshape', [value, onnx.ints([rows, width])])
  const ones = onnx.op('Expand', [onnx.scalar(1), onnx.ints([width])])
  const [normalised, , inverse] = onnx.ops('LayerNormalization', [flat(name(x)), ones], 3, {
    axis: -1,
    epsilon: { float: Number(node.attributes.epsilon) },
  }) as [string, string, string]
  const up = flat(name(dy))
  const product = onnx.op('Mul', [up, normalised])
  const column = onnx.op('Reshape', [onnx.op('Mul', [name(scale), onnx.scalar(1 / width)]), onnx.ints([width, 1])])
  const mean = (of: string) => onnx.op('MatMul', [of, column])
  const slope = onnx.op('Sub', [onnx.op('Mul', [up, name(scale)]), mean(up)])
  const centred = onnx.op('Sub', [slope, onnx.op('Mul', [normalised, mean(product)])])
  const dx = onnx.op('Reshape', [onnx.op('Mul', [inverse, centred]), onnx.ints(x.shape)])
  const overRows = (of: string) => onnx.op('ReduceSum', [of, onnx.ints([0])], { keepdims: 0 })
  return [dx, overRows(product), overRows(up)]
}

export const rowNormalisation: Record<string, Lowering> = {
  RmsNorm: rmsNorm,
  RmsNormGrad: rmsNormGradient,
  LayerNorm: layerNorm,
  LayerNormGrad: layerNormGradient,
}
