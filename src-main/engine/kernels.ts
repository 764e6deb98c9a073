import { type Attribute, type Dtype, sizeOf, type Value } from './ir.ts'
import { tf } from './tf.ts'

/**
 * What the tracer must know of a kernel: the order of its inputs and the types of its outputs.
 * One entry per kernel that model code or gradients may call; anything else is an UnknownKernelError.
 */
export interface KernelRule {
  /** Input names in order, those that may be left out last; 'list' for kernels that take any number. */
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

/** Axes of a reduction, ascending and from 0; all of them where none are named. Max calls them by another name. */
export function reducedAxes(shape: readonly number[], attributes: Record<string, Attribute>): number[] {
  const given = attributes.reductionIndices ?? attributes.axis
  const axes = util.parseAxisParam(given as number | number[], [...shape])
  return axes.toSorted((a, b) => a - b)
}

function reducedShape(x: Value, attributes: Record<string, Attribute>): number[] {
  const axes = reducedAxes(x.shape, attributes)
  const [shape] = backend.computeOutAndReduceShapes([...x.shape], axes)
  return attributes.keepDims ? backend.expandShapeToKeepDim(shape as number[], axes) : (shape as number[])
}

const reduction: KernelRule = {
  inputs: ['x'],
  infer: (inputs, attributes) => [{ shape: reducedShape(at(inputs, 0), attributes), dtype: at(inputs, 0).dtype }],
}

/** One axis, from 0, of an attribute that may count from the end. */
export const oneAxis = (attribute: Attribute | undefined, rank: number): number =>
  util.parseAxisParam(
    attribute as number,
    Array.from({ length: rank }, () => 1),
  )[0] as number

const argReduction: KernelRule = {
  inputs: ['x'],
  infer: (inputs, attributes) => {
    const { shape } = at(inputs, 0)
    const axis = oneAxis(attributes.axis, shape.length)
    return [{ shape: shape.toSpliced(axis, 1), dtype: 'int32' }]
  },
}

const rule = (inputs: readonly string[] | 'list', infer: KernelRule['infer']): KernelRule => ({ inputs, infer })
const float = (shape: readonly number[]): OutputType[] => [{ shape, dtype: 'float32' }]

/** Of a convolution; the explicit form is before and after each axis of NHWC. */
export type Padding = Parameters<typeof tf.backend_util.computeConv2DInfo>[4]

/** Geometry of a convolution whose input is NHWC; a depthwise filter is [height, width, channels, 1]. */
export function convolution(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: Record<string, Attribute>,
  depthwise = false,
): tf.backend_util.Conv2DInfo {
  if (attributes.dataFormat && attributes.dataFormat !== 'NHWC')
    throw new Error(`convolution of dataFormat ${String(attributes.dataFormat)}: model code is written in NHWC`)
  return backend.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    attributes.strides as number | [number, number],
    (attributes.dilations ?? 1) as number | [number, number],
    attributes.pad as Padding,
    (attributes.dimRoundingMode ?? undefined) as 'floor' | 'round' | 'ceil' | undefined,
    depthwise,
  )
}

function sliceSize(x: Value, attributes: Record<string, Attribute>): number[] {
  const begin = numbers(attributes.begin)
  return numbers(attributes.size).map((given, axis) => {
    const [start, whole] = [begin[axis] as number, x.shape[axis] as number]
    const size = given === -1 ? whole - start : given
    if (start < 0 || size < 0 || start + size > whole)
      throw new Error(`rows ${start} to ${start + size} of axis ${axis}, which has ${whole}`)
    return size
  })
}

/** Shape without one axis, the same for all inputs. @throws Error naming the input that differs */
function requireAlike(inputs: Value[], axis: number | null): void {
  const rest = ({ shape }: Value) => (axis === null ? shape : shape.toSpliced(axis, 1)).join()
  for (const [index, input] of inputs.entries())
    if (rest(input) !== rest(at(inputs, 0)))
      throw new Error(`input ${index} does not fit input 0${axis === null ? '' : ` beside axis ${axis}`}`)
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
  LeakyRelu: unary(),
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
  Erf: unary(),
  Step: unary(),
  Identity: unary(),
  ClipByValue: unary(),
  Softmax: rule(['logits'], (inputs) => [at(inputs, 0)]),
  LogSoftmax: rule(['logits'], (inputs) => [at(inputs, 0)]),
  Sum: reduction,
  Mean: { ...reduction, infer: (inputs, attributes) => float(reducedShape(at(inputs, 0), attributes)) },
  Max: reduction,
  Min: reduction,
  ArgMin: argReduction,
  ArgMax: argReduction,
  Reshape: rule(['x'], (inputs, attributes) => {
    const x = at(inputs, 0)
    const shape = util.inferFromImplicitShape(numbers(attributes.shape), sizeOf(x.shape))
    if (sizeOf(shape) !== sizeOf(x.shape)) throw new Error(`${sizeOf(x.shape)} elements do not fill [${shape}]`)
    return [{ shape, dtype: x.dtype }]
  }),
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
    const [inner, other] = [a.at(attributes.transposeA ? -2 : -1), b.at(attributes.transposeB ? -1 : -2)]
    if (inner !== other) throw new Error(`inner sizes ${inner} and ${other} differ`)
    const batch = broadcast.assertAndGetBroadcastShape(a.slice(0, -2), b.slice(0, -2))
    return float([...batch, rows, columns])
  }),
  Conv2D: rule(['x', 'filter'], (inputs, attributes) =>
    float(convolution(at(inputs, 0).shape, at(inputs, 1).shape, attributes).outShape),
  ),
  Conv2DBackpropInput: rule(['dy', 'filter'], (_, attributes) => float(numbers(attributes.inputShape))),
  DepthwiseConv2dNative: rule(['x', 'filter'], (inputs, attributes) => {
    const { shape } = at(inputs, 1)
    if (shape[3] !== 1) throw new Error(`a depthwise filter [${shape}]: one output a channel is known, not ${shape[3]}`)
    return float(convolution(at(inputs, 0).shape, shape, attributes, true).outShape)
  }),
  DepthwiseConv2dNativeBackpropInput: rule(['dy', 'filter'], (_, attributes) => float(numbers(attributes.inputShape))),
  Conv2DBackpropFilter: rule(['x', 'dy'], (_, attributes) => float(numbers(attributes.filterShape))),
  GatherV2: rule(['x', 'indices'], (inputs, attributes) => {
    const [x, indices] = [at(inputs, 0), at(inputs, 1)]
    const axis = oneAxis(attributes.axis, x.shape.length)
    return [{ shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], dtype: x.dtype }]
  }),
  UnsortedSegmentSum: rule(['x', 'segmentIds'], (inputs, attributes) => [
    { shape: [attributes.numSegments as number, ...at(inputs, 0).shape.slice(1)], dtype: at(inputs, 0).dtype },
  ]),
  // Whole rows of the first axis alone: indices [N, 1].
  TensorScatterUpdate: rule(['tensor', 'indices', 'updates'], (inputs) => {
    const [table, indices, rows] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)]
    if (indices.shape.length !== 2 || indices.shape[1] !== 1)
      throw new Error(`rows are scattered by indices [N, 1], not [${indices.shape}]`)
    if (`${rows.shape}` !== `${[indices.shape[0], ...table.shape.slice(1)]}`)
      throw new Error(`rows [${rows.shape}] do not fit ${indices.shape[0]} places of a table [${table.shape}]`)
    return [{ shape: table.shape, dtype: table.dtype }]
  }),
  OneHot: rule(['indices'], (inputs, attributes) => [
    { shape: [...at(inputs, 0).shape, attributes.depth as number], dtype: (attributes.dtype ?? 'float32') as Dtype },
  ]),
  Concat: rule('list', (inputs, attributes) => {
    const shape = [...at(inputs, 0).shape]
    const axis = oneAxis(attributes.axis, shape.length)
    requireAlike(inputs, axis)
    shape[axis] = inputs.reduce((sum, input) => sum + (input.shape[axis] as number), 0)
    return [{ shape, dtype: at(inputs, 0).dtype }]
  }),
  AddN: rule('list', (inputs) => [at(inputs, 0)]),
  Pack: rule('list', (inputs, attributes) => {
    const { shape, dtype } = at(inputs, 0)
    requireAlike(inputs, null)
    return [{ shape: shape.toSpliced(oneAxis(attributes.axis, shape.length + 1), 0, inputs.length), dtype }]
  }),
  Unpack: rule(['value'], (inputs, attributes) => {
    const { shape, dtype } = at(inputs, 0)
    const axis = oneAxis(attributes.axis, shape.length)
    return Array.from({ length: shape[axis] as number }, () => ({ shape: shape.toSpliced(axis, 1), dtype }))
  }),
  SplitV: rule(['x'], (inputs, attributes) => {
    const x = at(inputs, 0)
    const axis = oneAxis(attributes.axis, x.shape.length)
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
    if (attributes.alignCorners || attributes.halfPixelCenters)
      throw new Error('nearest resizing is known without alignCorners and halfPixelCenters only')
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
