import { z } from 'zod'
import type { Padding } from '../../engine/kernels.ts'
import { type Tensor, tf } from '../../engine/tf.ts'

/**
 * A convolutional network out of a Keras layers model as TensorFlow.js stores it, up to the layers that are asked for.
 * Its weights are constants, batch normalisation is part of the convolution before it.
 */
export interface KerasNetwork {
  /** Numbers that are used, after batch normalisation was taken in. */
  parameters: number
  /** Makes the weights known to the function that is being traced; call it once in a function, outside of gradients. */
  bind(): BoundNetwork
}
/** @param images [B, S, S, 3] as the network wants them @returns maps of the layers asked for, NHWC, in their order */
export type BoundNetwork = (images: Tensor) => Tensor[]

const pair = z.tuple([z.int().min(1), z.int().min(1)])
const layerSchema = z.object({
  class_name: z.string(),
  name: z.string(),
  config: z.record(z.string(), z.unknown()),
  inbound_nodes: z.array(z.array(z.tuple([z.string(), z.number(), z.number(), z.unknown()]))),
})
type Layer = z.infer<typeof layerSchema>
const weightSchema = z.object({
  name: z.string(),
  shape: z.array(z.int().min(1)).max(4),
  dtype: z.literal('float32'),
  quantization: z.object({ min: z.number(), scale: z.number(), dtype: z.enum(['uint8', 'uint16']) }).optional(),
})
const modelSchema = z.object({
  modelTopology: z.object({ model_config: z.object({ config: z.object({ layers: z.array(layerSchema).min(1) }) }) }),
  weightsManifest: z.array(z.object({ weights: z.array(weightSchema) })),
})

const convolutionSchema = z.object({
  kernel_size: pair,
  strides: pair.refine(([a, b]) => a === b, 'strides that differ'),
  padding: z.enum(['valid', 'same']),
  dilation_rate: z.tuple([z.literal(1), z.literal(1)]),
  data_format: z.literal('channels_last'),
  activation: z.literal('linear'),
  use_bias: z.boolean(),
  depth_multiplier: z.literal(1).optional(),
})
const normSchema = z.object({ epsilon: z.number().positive(), center: z.literal(true), scale: z.literal(true) })
const reluSchema = z.object({ max_value: z.number().nullable(), negative_slope: z.literal(0), threshold: z.literal(0) })
const paddingSchema = z.object({
  padding: z.tuple([z.tuple([z.int().min(0), z.int().min(0)]), z.tuple([z.int().min(0), z.int().min(0)])]),
})

interface Convolution {
  kind: 'convolution'
  from: string
  depthwise: boolean
  /** [height, width, in, out], depthwise [height, width, channels, 1] */
  shape: readonly number[]
  kernel: Float32Array
  bias: Float32Array
  stride: number
  pad: Padding
}
type Operation =
  | { kind: 'input' }
  | { kind: 'pad'; from: string; padding: Padding }
  | Convolution
  | { kind: 'relu'; from: string; most: number | null }
  | { kind: 'add'; from: string; other: string }

/**
 * @param model topology and weight manifest, as parsed JSON
 * @param weights bytes of all weights, in the manifest's order
 * @param wanted names of layers
 * @throws Error naming the layer or weight that is missing or of a kind that is not known here
 */
export function kerasNetwork(model: unknown, weights: Uint8Array, wanted: readonly string[]): KerasNetwork {
  const parsed = modelSchema.parse(model)
  const tensors = readWeights(
    parsed.weightsManifest.flatMap((group) => group.weights),
    weights,
  )
  const layers = new Map(parsed.modelTopology.model_config.config.layers.map((layer) => [layer.name, layer]))
  const operations = new Map<string, Operation>()
  const build = (name: string): Operation => {
    const known = operations.get(name)
    if (known) return known
    const layer = layers.get(name)
    if (!layer) throw new Error(`the network has no layer "${name}"`)
    const from = (layer.inbound_nodes[0] ?? []).map(([source]) => source)
    for (const source of from) build(source)
    const made = operationOf(layer, from, operations, tensors)
    operations.set(name, made)
    return made
  }
  for (const name of wanted) build(name)
  const used = operationsFor(wanted, operations)
  const convolutions = [...used.values()].filter((operation) => operation.kind === 'convolution')
  return {
    parameters: convolutions.reduce((sum, { kernel, bias }) => sum + kernel.length + bias.length, 0),
    bind: () => bind(used, wanted),
  }
}

function operationOf(
  { class_name, name, config }: Layer,
  [from, other]: string[],
  before: ReadonlyMap<string, Operation>,
  tensors: ReadonlyMap<string, StoredWeight>,
): Operation {
  const read = <T>(schema: z.ZodType<T>): T => {
    const result = schema.safeParse(config)
    if (result.success) return result.data
    const [issue] = result.error.issues
    throw new Error(`layer "${name}" (${class_name}): ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const weight = (part: string, ...shape: number[]): StoredWeight => {
    const found = tensors.get(`${name}/${part}`)
    if (!found) throw new Error(`the network's weights lack "${name}/${part}"`)
    if (shape.length > 0 && `${found.shape}` !== `${shape}`)
      throw new Error(`"${name}/${part}" is [${found.shape}], but [${shape}] is needed`)
    return found
  }
  const source = (): string => {
    if (from === undefined) throw new Error(`layer "${name}" (${class_name}) reads nothing`)
    return from
  }
  switch (class_name) {
    case 'InputLayer':
      return { kind: 'input' }
    case 'ZeroPadding2D': {
      const [rows, columns] = read(paddingSchema).padding
      return { kind: 'pad', from: source(), padding: [[0, 0], rows, columns, [0, 0]] }
    }
    case 'Conv2D':
    case 'DepthwiseConv2D': {
      const depthwise = class_name === 'DepthwiseConv2D'
      const { strides, padding, use_bias, kernel_size } = read(convolutionSchema)
      const { data, shape } = weight(depthwise ? 'depthwise_kernel' : 'kernel')
      if (shape.length !== 4 || shape[0] !== kernel_size[0] || shape[1] !== kernel_size[1])
        throw new Error(`the kernel of "${name}" is [${shape}], but the layer has ${kernel_size.join(' × ')}`)
      const outputs = shape[depthwise ? 2 : 3] as number
      const padded = before.get(source())
      const pads = padded?.kind === 'pad' && padding === 'valid'
      return {
        kind: 'convolution',
        depthwise,
        shape,
        kernel: data,
        bias: use_bias ? weight('bias', outputs).data : new Float32Array(outputs),
        stride: strides[0],
        from: pads ? padded.from : source(),
        pad: pads ? padded.padding : padding,
      }
    }
    case 'BatchNormalization': {
      const convolution = before.get(source())
      if (convolution?.kind !== 'convolution')
        throw new Error(`layer "${name}" normalises something that is no convolution, which is not known here`)
      const channels = convolution.bias.length
      const [gamma, beta, mean, variance] = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map(
        (part) => weight(part, channels).data,
      ) as [Float32Array, Float32Array, Float32Array, Float32Array]
      const scale = gamma.map((value, at) => value / Math.sqrt((variance[at] as number) + read(normSchema).epsilon))
      return {
        ...convolution,
        // The last axis of a kernel is the output channel; of a depthwise one it is the only one of its channel.
        kernel: convolution.kernel.map((value, at) => value * (scale[at % channels] as number)),
        bias: convolution.bias.map(
          (value, at) => (value - (mean[at] as number)) * (scale[at] as number) + (beta[at] as number),
        ),
      }
    }
    case 'ReLU':
      return { kind: 'relu', from: source(), most: read(reluSchema).max_value }
    case 'Add':
      if (other === undefined) throw new Error(`layer "${name}" adds fewer than two maps`)
      return { kind: 'add', from: source(), other }
    default:
      throw new Error(`layer "${name}" is a ${class_name}, which is not known here`)
  }
}

/** What the wanted layers depend on, each after what it reads. */
function operationsFor(wanted: readonly string[], all: ReadonlyMap<string, Operation>): Map<string, Operation> {
  const used = new Map<string, Operation>()
  const visit = (name: string): void => {
    if (used.has(name)) return
    const operation = all.get(name) as Operation
    if ('from' in operation) visit(operation.from)
    if ('other' in operation) visit(operation.other)
    used.set(name, operation)
  }
  for (const name of wanted) visit(name)
  return used
}

function bind(operations: ReadonlyMap<string, Operation>, wanted: readonly string[]): BoundNetwork {
  const weights = new Map<string, { kernel: tf.Tensor4D; bias: Tensor }>()
  for (const [name, operation] of operations)
    if (operation.kind === 'convolution')
      weights.set(name, {
        kernel: tf.tensor4d(operation.kernel, operation.shape as [number, number, number, number]),
        bias: tf.tensor1d(operation.bias),
      })
  return (images) => {
    const maps = new Map<string, Tensor>()
    const map = (name: string) => maps.get(name) as tf.Tensor4D
    for (const [name, operation] of operations) {
      switch (operation.kind) {
        case 'input':
          maps.set(name, images)
          break
        case 'pad':
          maps.set(name, tf.pad(map(operation.from), operation.padding as [number, number][]))
          break
        case 'convolution': {
          const { kernel, bias } = weights.get(name) as { kernel: tf.Tensor4D; bias: Tensor }
          const convolve = operation.depthwise ? tf.depthwiseConv2d : tf.conv2d
          maps.set(name, tf.add(convolve(map(operation.from), kernel, operation.stride, operation.pad as 'same'), bias))
          break
        }
        case 'relu':
          maps.set(
            name,
            operation.most === null
              ? tf.relu(map(operation.from))
              : tf.clipByValue(map(operation.from), 0, operation.most),
          )
          break
        case 'add':
          maps.set(name, tf.add(map(operation.from), map(operation.other)))
          break
      }
    }
    return wanted.map((name) => map(name))
  }
}

interface StoredWeight {
  shape: readonly number[]
  data: Float32Array
}

/** Weights by name; quantised ones become min + scale · q. */
function readWeights(manifest: readonly z.infer<typeof weightSchema>[], bytes: Uint8Array): Map<string, StoredWeight> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const weights = new Map<string, StoredWeight>()
  let offset = 0
  for (const { name, shape, quantization } of manifest) {
    const count = shape.reduce((product, size) => product * size, 1)
    const size = quantization?.dtype === 'uint8' ? 1 : quantization?.dtype === 'uint16' ? 2 : 4
    if (offset + count * size > bytes.byteLength)
      throw new Error(`the network's weights end within "${name}": ${bytes.byteLength} bytes are too few`)
    const data = new Float32Array(count)
    for (let at = 0; at < count; at++) {
      const place = offset + at * size
      if (!quantization) data[at] = view.getFloat32(place, true)
      else {
        const step = size === 1 ? view.getUint8(place) : view.getUint16(place, true)
        data[at] = quantization.min + quantization.scale * step
      }
    }
    offset += count * size
    weights.set(name, { shape, data })
  }
  if (offset !== bytes.byteLength)
    throw new Error(`the network's weights have ${bytes.byteLength - offset} bytes more than its manifest names`)
  return weights
}
