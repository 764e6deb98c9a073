import type { LoweringContext } from './lowering.ts'

/**
 * onnxruntime's blocked convolution (com.microsoft.nchwc): maps hold channels in blocks of the processor's vector width,
 * [B, C / b, H, W, b], and filters are [O / b, I / b, kh, kw, b, b]. It computes without an im2col copy, which pays
 * where maps are large. onnxruntime uses it for constant filters only; here the filter is rearranged at each step.
 */
export interface BlockedConvolution {
  /** ONNX name of the map, NCHW. */
  x: string
  /** ONNX name of the filter, HWIO. */
  filter: string
  bias?: string
  from: number
  to: number
  kernel: readonly number[]
  pads: readonly number[]
  strides: readonly number[]
}

/** Positions from which the copy that is saved outweighs turning the map around. Measured at 64 and 128 channels. */
const LEAST_POSITIONS = 2048

export const paysBlocked = (block: number, from: number, to: number, positions: number, taps: number): boolean =>
  block > 0 && from % block === 0 && to % block === 0 && positions >= LEAST_POSITIONS && taps > 1

export function blockedConvolution(options: BlockedConvolution, { onnx, target }: LoweringContext): string {
  const { x, filter, bias, from, to, kernel, pads, strides } = options
  const block = target.channelBlock
  const [height, width] = kernel as [number, number]
  const split = onnx.op('Reshape', [filter, onnx.ints([height * width, from / block, block, to / block, block])])
  const blocked = onnx.op('Reshape', [
    onnx.op('Transpose', [split], { perm: [3, 1, 0, 2, 4] }),
    onnx.ints([to, from, height, width]),
  ])
  const map = onnx.op('nchwc.Conv', [onnx.op('nchwc.ReorderInput', [x]), blocked, ...(bias ? [bias] : [])], {
    kernel_shape: kernel,
    pads,
    strides,
    dilations: [1, 1],
    group: 1,
  })
  return onnx.op('nchwc.ReorderOutput', [map], { channels: to })
}
