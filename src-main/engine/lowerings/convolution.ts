import type { Node, Value } from '../ir.ts'
import { convolution as geometry } from '../kernels.ts'
import { input, type Lowering, type LoweringContext, output } from './lowering.ts'

/**
 * Convolutions after the layout pass: maps are NCHW, filters HWIO as the model has them. dx of a stride-1 convolution is
 * a convolution with the flipped, transposed filter, which is faster than ConvTranspose; dW is a batched product of
 * input windows with dy, summed over the batch.
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

const forward: Lowering = (node, { onnx, name }) => {
  requireNchw(node)
  const [x, filter] = [input(node, 0), input(node, 1)]
  const info = geometry(nhwc(x.shape), filter.shape, node.attributes)
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

const inputGradient: Lowering = (node, { onnx, name }) => {
  requireNchw(node)
  const [dy, filter] = [input(node, 0), input(node, 1)]
  const info = geometry(nhwc(output(node).shape), filter.shape, node.attributes)
  if (info.strideHeight === 1 && info.strideWidth === 1) {
    let flipped = name(filter)
    if (info.filterHeight > 1 || info.filterWidth > 1) {
      const lowest = -(2 ** 31)
      flipped = onnx.op('Slice', [
        flipped,
        onnx.ints([-1, -1]),
        onnx.ints([lowest, lowest]),
        onnx.ints([0, 1]),
        onnx.ints([-1, -1]),
      ])
    }
    const iohw = onnx.op('Transpose', [flipped], { perm: [2, 3, 0, 1] })
    const { top, left, bottom, right } = info.padInfo
    const [h, w] = kernel(info) as [number, number]
    return [
      onnx.op('Conv', [name(dy), iohw], {
        kernel_shape: [h, w],
        pads: [h - 1 - top, w - 1 - left, h - 1 - bottom, w - 1 - right],
      }),
    ]
  }
  const covered = (out: number, stride: number, size: number, before: number, after: number) =>
    (out - 1) * stride + size - before - after
  const { top, left, bottom, right } = info.padInfo
  return [
    onnx.op('ConvTranspose', [name(dy), onnx.op('Transpose', [name(filter)], { perm: [3, 2, 0, 1] })], {
      kernel_shape: kernel(info),
      strides: strides(info),
      pads: pads(info),
      output_padding: [
        info.inHeight - covered(info.outHeight, info.strideHeight, info.filterHeight, top, bottom),
        info.inWidth - covered(info.outWidth, info.strideWidth, info.filterWidth, left, right),
      ],
    }),
  ]
}

const filterGradient: Lowering = (node, context) => {
  requireNchw(node)
  const { onnx, name } = context
  const [x, dy] = [input(node, 0), input(node, 1)]
  const filterShape = output(node).shape as [number, number, number, number]
  const info = geometry(nhwc(x.shape), filterShape, node.attributes)
  const positions = info.outHeight * info.outWidth
  const rows = onnx.op('Transpose', [name(dy)], { perm: [0, 2, 3, 1] })
  const right = onnx.op('Reshape', [rows, onnx.ints([info.batchSize, positions, info.outChannels])])
  const products = windows(x, info, context).map((window) => {
    const left = onnx.op('Reshape', [window, onnx.ints([info.batchSize, info.inChannels, positions])])
    return onnx.op('ReduceSum', [onnx.op('MatMul', [left, right]), onnx.ints([0])], { keepdims: 0 })
  })
  const stacked = products.length === 1 ? (products[0] as string) : onnx.op('Concat', products, { axis: 0 })
  return [onnx.op('Reshape', [stacked, onnx.ints(filterShape)])]
}

/** The padded input as seen by each filter tap in row-major order, each [B, C, outHeight, outWidth]. */
function windows(x: Value, info: Info, { onnx, name }: LoweringContext): string[] {
  const { top, left, bottom, right } = info.padInfo
  const padded =
    top || left || bottom || right
      ? onnx.op('Pad', [name(x), onnx.ints([0, 0, top, left, 0, 0, Math.max(bottom, 0), Math.max(right, 0)])])
      : name(x)
  const taps: string[] = []
  for (let i = 0; i < info.filterHeight; i++)
    for (let j = 0; j < info.filterWidth; j++) {
      const endRow = i + (info.outHeight - 1) * info.strideHeight + 1
      const endColumn = j + (info.outWidth - 1) * info.strideWidth + 1
      const whole =
        info.filterHeight === 1 && info.filterWidth === 1 && info.strideHeight === 1 && info.strideWidth === 1
      taps.push(
        whole
          ? padded
          : onnx.op('Slice', [
              padded,
              onnx.ints([i, j]),
              onnx.ints([endRow, endColumn]),
              onnx.ints([2, 3]),
              onnx.ints(strides(info)),
            ]),
      )
    }
  return taps
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
  Conv2DBackpropFilter: filterGradient,
  ResizeNearestNeighbor: upsample,
  ResizeNearestNeighborGrad: upsampleGradient,
}
