import { type Attribute, type Dtype, sizeOf, type Value } from './ir.ts'
import { tf } from './tf.ts'

/**
 * What the tracer must know of a kernel: the order of its inputs and the types of its outputs.
 * One entry per kernel that model code or gradients may call; anything else is an UnknownKernelError.
 */
export interface KernelRule {
  /** Input names in order; 'list' for kernels that take any number. */
  inputs: readonly string[] | 'list'
  infer(inputs: Value[], attributes: Record<string, Attribute>): OutputType[]
}
export interface OutputType {
  shape: readonly number[]
  dtype: Dtype
}

const {
  broadcast_util: broadcast,
  backend_util: backend,
  util,
} = {
  broadcast_util: tf.broadcast_util,
  backend_util: tf.backend_util,
  util: tf.util,
}

const at = (inputs: Value[], index: number): Value => inputs[index] as Value
const numbers = (attribute: Attribute | undefined): number[] => attribute as number[]

const binary = (dtype?: Dtype): KernelRule => ({
  inputs: ['a', 'b'],
  infer: (inputs) => {
    const [a, b] = [at(inputs, 0), at(inputs, 1)]
    return [{ shape: broadcast.assertAndGetBroadcastShape([...a.shape], [...b.shape]), dtype: dtype ?? a.dtype }]
  },
})

const unary = (dtype?: Dtype): KernelRule => ({
  inputs: ['x'],
  infer: (inputs) => [{ shape: at(inputs, 0).shape, dtype: dtype ?? at(inputs, 0).dtype }],
})

const reduction: KernelRule = {
  inputs: ['x'],
  infer: (inputs, attributes) => {
    const x = at(inputs, 0)
    const axes = util.parseAxisParam(numbers(attributes.axis), [...x.shape])
    const [shape] = backend.computeOutAndReduceShapes([...x.shape], axes)
    return [
      {
        shape: attributes.keepDims ? backend.expandShapeToKeepDim(shape as number[], axes) : (shape as number[]),
        dtype: x.dtype,
      },
    ]
  },
}

const argReduction: KernelRule = {
  inputs: ['x'],
  infer: (inputs, attributes) => [
    { shape: at(inputs, 0).shape.filter((_, axis) => axis !== attributes.axis), dtype: 'int32' },
  ],
}

const rule = (inputs: readonly string[] | 'list', infer: KernelRule['infer']): KernelRule => ({ inputs, infer })
const float = (shape: readonly number[]): OutputType[] => [{ shape, dtype: 'float32' }]

/** Geometry of a convolution whose input is NHWC. */
export function convolution(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: Record<string, Attribute>,
): tf.backend_util.Conv2DInfo {
  if (attributes.dataFormat && attributes.dataFormat !== 'NHWC')
    throw new Error(`convolution of dataFormat ${String(attributes.dataFormat)}: model code is written in NHWC`)
  return backend.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    attributes.strides as number | [number, number],
    (attributes.dilations ?? 1) as number | [number, number],
    attributes.pad as 'same' | 'valid' | number,
    (attributes.dimRoundingMode ?? undefined) as 'floor' | 'round' | 'ceil' | undefined,
  )
}

const sliceSize = (x: Value, attributes: Record<string, Attribute>): number[] => {
  const begin = numbers(attributes.begin)
  return numbers(attributes.size).map((size, axis) =>
    size === -1 ? (x.shape[axis] as number) - (begin[axis] as number) : size,
  )
}

export const kernelRules: Record<string, KernelRule> = {
  Add: binary(),
  Sub: binary(),
  Multiply: binary(),
  RealDiv: binary('float32'),
  FloorDiv: binary(),
  Mod: binary(),
  Maximum: binary(),
  Minimum: binary(),
  Pow: binary(),
  SquaredDifference: binary(),
  Greater: binary('bool'),
  GreaterEqual: binary('bool'),
  Less: binary('bool'),
  LessEqual: binary('bool'),
  Equal: binary('bool'),
  NotEqual: binary('bool'),
  LogicalAnd: binary('bool'),
  LogicalOr: binary('bool'),
  LogicalNot: unary('bool'),
  Relu: unary(),
  Sigmoid: unary(),
  Sqrt: unary(),
  Rsqrt: unary(),
  Exp: unary(),
  Log: unary(),
  Neg: unary(),
  Tanh: unary(),
  Abs: unary(),
  Square: unary(),
  Reciprocal: unary(),
  Sin: unary(),
  Cos: unary(),
  Floor: unary(),
  Ceil: unary(),
  Round: unary(),
  Sign: unary(),
  Softplus: unary(),
  Step: unary(),
  Identity: unary(),
  ClipByValue: unary(),
  Softmax: rule(['logits'], (inputs) => [at(inputs, 0)]),
  LogSoftmax: rule(['logits'], (inputs) => [at(inputs, 0)]),
  Sum: reduction,
  Mean: reduction,
  Max: reduction,
  Min: reduction,
  ArgMin: argReduction,
  ArgMax: argReduction,
  Reshape: rule(['x'], (inputs, attributes) => [
    {
      shape: util.inferFromImplicitShape(numbers(attributes.shape), sizeOf(at(inputs, 0).shape)),
      dtype: at(inputs, 0).dtype,
    },
  ]),
  ExpandDims: rule(['input'], (inputs, attributes) => {
    const x = at(inputs, 0)
    const dim = attributes.dim as number
    const shape = [...x.shape]
    shape.splice(dim < 0 ? dim + shape.length + 1 : dim, 0, 1)
    return [{ shape, dtype: x.dtype }]
  }),
  Cast: rule(['x'], (inputs, attributes) => [{ shape: at(inputs, 0).shape, dtype: attributes.dtype as Dtype }]),
  Fill: rule([], (_, attributes) => [
    { shape: numbers(attributes.shape), dtype: (attributes.dtype ?? 'float32') as Dtype },
  ]),
  ZerosLike: unary(),
  OnesLike: unary(),
  Transpose: rule(['x'], (inputs, attributes) => [
    { shape: numbers(attributes.perm).map((axis) => at(inputs, 0).shape[axis] as number), dtype: at(inputs, 0).dtype },
  ]),
  BatchMatMul: rule(['a', 'b'], (inputs, attributes) => {
    const [a, b] = [at(inputs, 0).shape, at(inputs, 1).shape]
    const rows = a.at(attributes.transposeA ? -1 : -2) as number
    const columns = b.at(attributes.transposeB ? -2 : -1) as number
    const batch = broadcast.assertAndGetBroadcastShape(a.slice(0, -2), b.slice(0, -2))
    return float([...batch, rows, columns])
  }),
  Conv2D: rule(['x', 'filter'], (inputs, attributes) =>
    float(convolution(at(inputs, 0).shape, at(inputs, 1).shape, attributes).outShape),
  ),
  Conv2DBackpropInput: rule(['dy', 'filter'], (_, attributes) => float(numbers(attributes.inputShape))),
  Conv2DBackpropFilter: rule(['x', 'dy'], (_, attributes) => float(numbers(attributes.filterShape))),
  GatherV2: rule(['x', 'indices'], (inputs, attributes) => {
    const [x, indices] = [at(inputs, 0), at(inputs, 1)]
    const axis = attributes.axis as number
    return [{ shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], dtype: x.dtype }]
  }),
  UnsortedSegmentSum: rule(['x', 'segmentIds'], (inputs, attributes) => [
    { shape: [attributes.numSegments as number, ...at(inputs, 0).shape.slice(1)], dtype: at(inputs, 0).dtype },
  ]),
  OneHot: rule(['indices'], (inputs, attributes) => [
    { shape: [...at(inputs, 0).shape, attributes.depth as number], dtype: (attributes.dtype ?? 'float32') as Dtype },
  ]),
  Concat: rule('list', (inputs, attributes) => {
    const axis = util.parseAxisParam(attributes.axis as number, [...at(inputs, 0).shape])[0] as number
    const shape = [...at(inputs, 0).shape]
    shape[axis] = inputs.reduce((sum, input) => sum + (input.shape[axis] as number), 0)
    return [{ shape, dtype: at(inputs, 0).dtype }]
  }),
  AddN: rule('list', (inputs) => [at(inputs, 0)]),
  Pack: rule('list', (inputs, attributes) => {
    const shape = [...at(inputs, 0).shape]
    shape.splice(attributes.axis as number, 0, inputs.length)
    return [{ shape, dtype: at(inputs, 0).dtype }]
  }),
  SplitV: rule(['x'], (inputs, attributes) => {
    const x = at(inputs, 0)
    const axis = util.parseAxisParam(attributes.axis as number, [...x.shape])[0] as number
    const given = attributes.numOrSizeSplits as number | number[]
    const sizes = backend.prepareSplitSize({ shape: [...x.shape] } as tf.Tensor, given, axis)
    return sizes.map((size) => ({ shape: x.shape.map((old, index) => (index === axis ? size : old)), dtype: x.dtype }))
  }),
  Slice: rule(['x'], (inputs, attributes) => [
    { shape: sliceSize(at(inputs, 0), attributes), dtype: at(inputs, 0).dtype },
  ]),
  PadV2: rule(['x'], (inputs, attributes) => [
    {
      shape: at(inputs, 0).shape.map((size, axis) => {
        const [before, after] = (attributes.paddings as [number, number][])[axis] as [number, number]
        return size + before + after
      }),
      dtype: at(inputs, 0).dtype,
    },
  ]),
  ResizeNearestNeighbor: rule(['images'], (inputs, attributes) => {
    const [batch, , , channels] = at(inputs, 0).shape as [number, number, number, number]
    return float([batch, ...numbers(attributes.size), channels])
  }),
  ResizeNearestNeighborGrad: rule(['images', 'dy'], (inputs) => [at(inputs, 0)]),
  Select: rule(['condition', 't', 'e'], (inputs) => [at(inputs, 1)]),
  Tile: rule(['x'], (inputs, attributes) => [
    {
      shape: at(inputs, 0).shape.map((size, axis) => size * (numbers(attributes.reps)[axis] as number)),
      dtype: at(inputs, 0).dtype,
    },
  ]),
  BroadcastTo: rule(['x'], (inputs, attributes) => [{ shape: numbers(attributes.shape), dtype: at(inputs, 0).dtype }]),
}
