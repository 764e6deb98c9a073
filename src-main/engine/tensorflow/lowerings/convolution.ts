import type { Node } from '../../ir.ts'
import { convolution as geometry } from '../../kernels.ts'
import type { CallAttribute } from '../calls.ts'
import { input, type Lowering, output } from './lowering.ts'

/** Attributes of a convolution and its gradients; padding is given in full where it is neither "same" nor "valid". */
function attributesOf(
  node: Node,
  x: readonly number[],
  filter: readonly number[],
  depthwise = false,
): Record<string, CallAttribute> {
  const info = geometry(x, filter, node.attributes, depthwise)
  const { top, bottom, left, right } = info.padInfo
  const { pad } = node.attributes
  const padding = pad === 'same' || pad === 'valid' ? pad.toUpperCase() : 'EXPLICIT'
  return {
    T: 'float32',
    strides: { wholes: [1, info.strideHeight, info.strideWidth, 1] },
    dilations: { wholes: [1, info.dilationHeight, info.dilationWidth, 1] },
    padding: { word: padding },
    explicit_paddings: { wholes: padding === 'EXPLICIT' ? [0, 0, top, bottom, left, right, 0, 0] : [] },
    data_format: { word: 'NHWC' },
    ...(depthwise ? {} : { use_cudnn_on_gpu: true }),
  }
}

const resizing = { T: 'float32', align_corners: false, half_pixel_centers: false } as const

export const convolutions: Record<string, Lowering> = {
  Conv2D: (node, { tf, slot }) => {
    const [x, filter] = [input(node, 0), input(node, 1)]
    return [tf.call('Conv2D', 'float32', [slot(x), slot(filter)], attributesOf(node, x.shape, filter.shape))]
  },
  Conv2DBackpropInput: (node, { tf, slot }) => {
    const [dy, filter, { shape }] = [input(node, 0), input(node, 1), output(node)]
    const inputs = [tf.wholes(shape), slot(filter), slot(dy)]
    return [tf.call('Conv2DBackpropInput', 'float32', inputs, attributesOf(node, shape, filter.shape))]
  },
  DepthwiseConv2dNative: (node, { tf, slot }) => {
    const [x, filter] = [input(node, 0), input(node, 1)]
    const attributes = attributesOf(node, x.shape, filter.shape, true)
    return [tf.call('DepthwiseConv2dNative', 'float32', [slot(x), slot(filter)], attributes)]
  },
  DepthwiseConv2dNativeBackpropInput: (node, { tf, slot }) => {
    const [dy, filter, { shape }] = [input(node, 0), input(node, 1), output(node)]
    const inputs = [tf.wholes(shape), slot(filter), slot(dy)]
    const attributes = attributesOf(node, shape, filter.shape, true)
    return [tf.call('DepthwiseConv2dNativeBackpropInput', 'float32', inputs, attributes)]
  },
  Conv2DBackpropFilter: (node, { tf, slot }) => {
    const [x, dy, { shape }] = [input(node, 0), input(node, 1), output(node)]
    const inputs = [slot(x), tf.wholes(shape), slot(dy)]
    return [tf.call('Conv2DBackpropFilter', 'float32', inputs, attributesOf(node, x.shape, shape))]
  },
  ResizeNearestNeighbor: (node, { tf, slot }) => {
    const size = tf.wholes(output(node).shape.slice(1, 3))
    return [tf.call('ResizeNearestNeighbor', 'float32', [slot(input(node, 0)), size], resizing)]
  },
  ResizeNearestNeighborGrad: (node, { tf, slot }) => {
    const size = tf.wholes(output(node).shape.slice(1, 3))
    return [tf.call('ResizeNearestNeighborGrad', 'float32', [slot(input(node, 1)), size], resizing)]
  },
}
