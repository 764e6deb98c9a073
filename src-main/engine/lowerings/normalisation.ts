import { input, type Lowering } from './lowering.ts'

/** Group normalisation in NCHW: one contiguous row per group, so that LayerNormalization does the statistics. */
const groupNorm: Lowering = (node, { onnx, name }) => {
  if (node.attributes.layout !== 'NCHW') throw new Error('GroupNorm reached the lowering without the layout pass')
  const [x, scale, offset] = [input(node, 0), input(node, 1), input(node, 2)]
  const [batch, channels, height, width] = x.shape as [number, number, number, number]
  const groups = node.attributes.groups as number
  const length = (channels / groups) * height * width
  const rows = onnx.op('Reshape', [name(x), onnx.ints([batch * groups, length])])
  const ones = onnx.op('Expand', [onnx.scalar(1), onnx.ints([length])])
  const [normalised, , inverse] = onnx.ops('LayerNormalization', [rows, ones], 3, {
    axis: -1,
    epsilon: { float: Number(node.attributes.epsilon) },
  }) as [string, string, string]
  const map = onnx.op('Reshape', [normalised, onnx.ints(x.shape)])
  const perChannel = (vector: string) => onnx.op('Reshape', [vector, onnx.ints([channels, 1, 1])])
  const y = onnx.op('Add', [onnx.op('Mul', [map, perChannel(name(scale))]), perChannel(name(offset))])
  return [y, map, onnx.op('Reshape', [inverse, onnx.ints([batch, groups])])]
}

/** dx = (1/σ) · (g − mean(g) − x̂ · mean(g·x̂)) per group, with g = dy · scale. */
const groupNormGradient: Lowering = (node, { onnx, name }) => {
  if (node.attributes.layout !== 'NCHW') throw new Error('GroupNormGrad reached the lowering without the layout pass')
  const [dy, normalised, inverse, scale] = [input(node, 0), input(node, 1), input(node, 2), input(node, 3)]
  const [batch, channels, height, width] = dy.shape as [number, number, number, number]
  const groups = node.attributes.groups as number
  const area = height * width
  const perGroup = channels / groups
  // Channel sums serve both the parameters' gradients and the two group means.
  const flat = (map: string) => onnx.op('Reshape', [map, onnx.ints([batch, channels, area])])
  const channelSum = (map: string) => onnx.op('ReduceSum', [flat(map), onnx.ints([2])], { keepdims: 0 })
  const product = onnx.op('Mul', [name(dy), name(normalised)])
  const [sumDy, sumProduct] = [channelSum(name(dy)), channelSum(product)]
  const overBatch = (sums: string) => onnx.op('ReduceSum', [sums, onnx.ints([0])], { keepdims: 0 })
  const groupMean = (sums: string) => {
    const scaled = onnx.op('Reshape', [onnx.op('Mul', [sums, name(scale)]), onnx.ints([batch, groups, perGroup])])
    const total = onnx.op('ReduceSum', [scaled, onnx.ints([2])], { keepdims: 1 })
    return onnx.op('Mul', [total, onnx.scalar(1 / (perGroup * area))])
  }
  const sigma = onnx.op('Reshape', [name(inverse), onnx.ints([batch, groups, 1])])
  // dx = a·dy − b·x̂ − c with a per channel, b and c per group.
  const a = onnx.op('Mul', [sigma, onnx.op('Reshape', [name(scale), onnx.ints([1, groups, perGroup])])])
  const b = onnx.op('Mul', [sigma, groupMean(sumProduct)])
  const c = onnx.op('Mul', [sigma, groupMean(sumDy)])
  const grouped = (map: string) => onnx.op('Reshape', [map, onnx.ints([batch, groups, perGroup * area])])
  const scaledDy = onnx.op('Mul', [flat(name(dy)), onnx.op('Reshape', [a, onnx.ints([batch, channels, 1])])])
  const centred = onnx.op('Sub', [
    grouped(scaledDy),
    onnx.op('Add', [onnx.op('Mul', [grouped(name(normalised)), b]), c]),
  ])
  return [onnx.op('Reshape', [centred, onnx.ints(dy.shape)]), overBatch(sumProduct), overBatch(sumDy)]
}

export const normalisation: Record<string, Lowering> = {
  GroupNorm: groupNorm,
  GroupNormGrad: groupNormGradient,
}
