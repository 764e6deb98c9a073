import type { Node } from '../ir.ts'
import { convolution as geometry } from '../kernels.ts'
import { blockedConvolution, paysBlocked } from './blocked-convolution.ts'
import { filterGradient } from './filter-gradient.ts'
import { input, type Lowering, type LoweringContext, output } from './lowering.ts'

/**
 * Convolutions after the layout pass: maps are NCHW, filters HWIO as the model has them. dx of a stride-1 convolution is
 * a convolution with the flipped, transposed filter, which is faster than ConvTranspose.
 */
type Info = ReturnType<typeof geometry>

const nhwc = ([batch, channels, height, width]: readonly number[]): number[] =>
  [batch, height, width, channels] as number[]
const pads = ({ padInfo }: Info): number[] => [padInfo.top, padInfo.left, padInfo.bottom, padInfo.right]
const kernel = (info: Info): number[] => [info.filterHeight, info.filterWidth]
const strides = (info: Info): number[] => [info.strideHeight, info.strideWidth]

function requireNchw(node: Node): void {
  if (node.attributes.layout !== 'NCHW') throw new Error(`${node.kernel} reached the lowering without the layout pass`)
}

const forward: Lowering = (node, context) => {
  requireNchw(node)
  const { onnx, name, target } = context
  const [x, filter] = [input(node, 0), input(node, 1)]
  const info = geometry(nhwc(x.shape), filter.shape, node.attributes)
  const { inChannels: from, outChannels: to, filterHeight, filterWidth } = info
  const dense = info.dilationHeight === 1 && info.dilationWidth === 1
  if (dense && paysBlocked(target.channelBlock, from, to, info.outHeight * info.outWidth, filterHeight * filterWidth))
    return [
      blockedConvolution(
        {
          x: name(x),
          filter: name(filter),
          ...(node.inputs[2] ? { bias: name(node.inputs[2]) } : {}),
          from,
          to,
          kernel: kernel(info),
          pads: pads(info),
          strides: strides(info),
        },
        context,
      ),
    ]
  const oihw = onnx.op('Transpose', [name(filter)], { perm: [3, 2, 0, 1] })
  const bias = node.inputs[2] ? [name(node.inputs[2])] : []
  return [
    onnx.op('Conv', [name(x), oihw, ...bias], {
      kernel_shape: kernel(info),
      strides: strides(info),
      pads: pads(info),
      dilations: [info.dilationHeight, info.dilationWidth],
    }),
  ]
}

const depthwise: Lowering = (node, { onnx, name }) => {
  requireNchw(node)
  const [x, filter] = [input(node, 0), input(node, 1)]
  const info = geometry(nhwc(x.shape), filter.shape, node.attributes, true)
  const bias = node.inputs[2] ? [name(node.inputs[2])] : []
  return [
    onnx.op('Conv', [name(x), onnx.op('Transpose', [name(filter)], { perm: [2, 3, 0, 1] }), ...bias], {
      kernel_shape: kernel(info),
      strides: strides(info),
      pads: pads(info),
      dilations: [info.dilationHeight, info.dilationWidth],
      group: info.inChannels,
    }),
  ]
}

const depthwiseInputGradient: Lowering = (node, context) => {
  requireNchw(node)
  const { onnx, name } = context
  const [dy, filter] = [input(node, 0), input(node, 1)]
  const info = geometry(nhwc(output(node).shape), filter.shape, node.attributes, true)
  const perm = [2, 3, 0, 1]
  if (info.strideHeight === 1 && info.strideWidth === 1)
    return [
      onnx.op('Conv', [name(dy), onnx.op('Transpose', [flip(name(filter), info, context)], { perm })], {
        kernel_shape: kernel(info),
        pads: padsOfGradient(info),
        group: info.inChannels,
      }),
    ]
  return [
    onnx.op('ConvTranspose', [name(dy), onnx.op('Transpose', [name(filter)], { perm })], {
      ...transposedAttributes(info),
      group: info.inChannels,
    }),
  ]
}

/** The filter, HWIO, turned around in both directions. */
function flip(filter: string, info: Info, { onnx }: LoweringContext): string {
  if (info.filterHeight === 1 && info.filterWidth === 1) return filter
  const lowest = -(2 ** 31)
  return onnx.op('Slice', [
    filter,
    onnx.ints([-1, -1]),
    onnx.ints([lowest, lowest]),
    onnx.ints([0, 1]),
    onnx.ints([-1, -1]),
  ])
}

/** Padding of the convolution that is the gradient of one of stride 1. */
function padsOfGradient(info: Info): number[] {
  const { top, left, bottom, right } = info.padInfo
  const [h, w] = kernel(info) as [number, number]
  return [h - 1 - top, w - 1 - left, h - 1 - bottom, w - 1 - right]
}

const inputGradient: Lowering = (node, context) => {
  requireNchw(node)
  const { onnx, name, target } = context
  const [dy, filter] = [input(node, 0), input(node, 1)]
  const info = geometry(nhwc(output(node).shape), filter.shape, node.attributes)
  if (info.strideHeight === 1 && info.strideWidth === 1) {
    const flipped = flip(name(filter), info, context)
    const [h, w] = kernel(info) as [number, number]
    const around = padsOfGradient(info)
    const [from, to] = [info.outChannels, info.inChannels]
    if (paysBlocked(target.channelBlock, from, to, info.inHeight * info.inWidth, h * w)) {
      const turned = onnx.op('Transpose', [flipped], { perm: [0, 1, 3, 2] })
      const options = { x: name(dy), filter: turned, from, to, kernel: [h, w], pads: around, strides: [1, 1] }
      return [blockedConvolution(options, context)]
    }
    const iohw = onnx.op('Transpose', [flipped], { perm: [2, 3, 0, 1] })
    return [onnx.op('Conv', [name(dy), iohw], { kernel_shape: [h, w], pads: around })]
  }
  return [
    onnx.op(
      'ConvTranspose',
      [name(dy), onnx.op('Transpose', [name(filter)], { perm: [3, 2, 0, 1] })],
      transposedAttributes(info),
    ),
  ]
}

/** Of the ConvTranspose that is the gradient of a convolution with strides. */
function transposedAttributes(info: Info): Record<string, number[]> {
  const covered = (out: number, stride: number, size: number, before: number, after: number) =>
    (out - 1) * stride + size - before - after
  const { top, left, bottom, right } = info.padInfo
  return {
    kernel_shape: kernel(info),
    strides: strides(info),
    pads: pads(info),
    output_padding: [
      info.inHeight - covered(info.outHeight, info.strideHeight, info.filterHeight, top, bottom),
      info.inWidth - covered(info.outWidth, info.strideWidth, info.filterWidth, left, right),
    ],
  }
}

const upsample: Lowering = (node, { onnx, name }) => {
  requireNchw(node)
  const [x, { shape }] = [input(node, 0), output(node)]
  return [
    onnx.op('Resize', [name(x), '', '', onnx.ints(shape)], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    }),
  ]
}

/** Integer factors only: every input pixel collects the gradients of its block. */
const upsampleGradient: Lowering = (node, { onnx, name }) => {
  requireNchw(node)
  const [dy, { shape }] = [input(node, 1), output(node)]
  const [batch, channels, height, width] = shape as [number, number, number, number]
  const [down, across] = [(dy.shape[2] as number) / height, (dy.shape[3] as number) / width]
  if (!Number.isInteger(down) || !Number.isInteger(across))
    throw new Error(
      `nearest upsampling from [${shape}] to [${dy.shape}] is not by a whole factor, which its gradient needs`,
    )
  const blocks = onnx.op('Reshape', [name(dy), onnx.ints([batch * channels * height, down, width, across])])
  const rows = onnx.op('ReduceSum', [blocks, onnx.ints([3])], { keepdims: 0 })
  const sums = onnx.op('ReduceSum', [rows, onnx.ints([1])], { keepdims: 0 })
  return [onnx.op('Reshape', [sums, onnx.ints(shape)])]
}

export const convolutions: Record<string, Lowering> = {
  Conv2D: forward,
  Conv2DBackpropInput: inputGradient,
  DepthwiseConv2dNative: depthwise,
  DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
  Conv2DBackpropFilter: filterGradient,
  ResizeNearestNeighbor: upsample,
  ResizeNearestNeighborGrad: upsampleGradient,
}
