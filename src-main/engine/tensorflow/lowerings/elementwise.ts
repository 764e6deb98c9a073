import type { Value } from '../../ir.ts'
import type { CallBuilder, Slot } from '../calls.ts'
import { input, type Lowering, output } from './lowering.ts'

const unary =
  (operation: string): Lowering =>
  (node, { tf, slot }) => [tf.unary(operation, slot(input(node, 0)))]

const binary =
  (operation: string): Lowering =>
  (node, { tf, slot }) => [tf.binary(operation, slot(input(node, 0)), slot(input(node, 1)))]

const logical =
  (operation: string): Lowering =>
  (node, { tf, slot }) => [tf.call(operation, 'bool', node.inputs.map(slot))]

/** TF.js compares after upcasting, and TensorFlow wants both sides of one type. */
const comparison =
  (operation: string): Lowering =>
  (node, { tf, slot }) => {
    const T = node.inputs.some(({ dtype }) => dtype === 'float32') ? 'float32' : 'int32'
    const sides = node.inputs.map((value) => tf.cast(slot(value), T))
    const strict = operation.endsWith('qual') && !/^(Less|Greater)/.test(operation)
    return [tf.call(operation, 'bool', sides, { T, ...(strict ? { incompatible_shape_error: true } : {}) })]
  }

/** σ(x), made once: the gradient of SiLU needs it again. */
const sigmoidOf = (x: Slot, tf: CallBuilder): Slot => tf.once(`sigmoid ${x.id}`, () => tf.unary('Sigmoid', x))

const isBias = (map: Value, bias: Value, sum: Value): boolean =>
  sum.dtype === 'float32' &&
  map.shape.length > 1 &&
  map.shape.join() === sum.shape.join() &&
  bias.shape.length === 1 &&
  bias.shape[0] === sum.shape.at(-1)

export const elementwise: Record<string, Lowering> = {
  // A bias along the channels has an operation of its own, which convolutions and matrix products fuse with.
  Add: (node, context) => {
    const { tf, slot } = context
    for (const [map, bias] of [node.inputs, node.inputs.toReversed()] as [Value, Value][])
      if (isBias(map, bias, output(node)))
        return [tf.call('BiasAdd', 'float32', [slot(map), slot(bias)], { T: 'float32', data_format: { word: 'NHWC' } })]
    return binary('AddV2')(node, context)
  },
  Sub: binary('Sub'),
  Multiply: binary('Mul'),
  RealDiv: (node, { tf, slot }) => {
    const [a, b] = [tf.cast(slot(input(node, 0)), 'float32'), tf.cast(slot(input(node, 1)), 'float32')]
    return [tf.binary('RealDiv', a, b)]
  },
  FloorDiv: binary('FloorDiv'),
  Mod: binary('FloorMod'),
  Maximum: binary('Maximum'),
  Minimum: binary('Minimum'),
  Pow: binary('Pow'),
  SquaredDifference: binary('SquaredDifference'),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessEqual'),
  Equal: comparison('Equal'),
  NotEqual: comparison('NotEqual'),
  LogicalAnd: logical('LogicalAnd'),
  LogicalOr: logical('LogicalOr'),
  LogicalNot: logical('LogicalNot'),
  Relu: unary('Relu'),
  LeakyRelu: (node, { tf, slot }) => {
    const alpha = { fraction: Number(node.attributes.alpha ?? 0.2) }
    return [tf.call('LeakyRelu', 'float32', [slot(input(node, 0))], { T: 'float32', alpha })]
  },
  Sigmoid: unary('Sigmoid'),
  Sqrt: unary('Sqrt'),
  Rsqrt: unary('Rsqrt'),
  Exp: unary('Exp'),
  Log: unary('Log'),
  Neg: unary('Neg'),
  Tanh: unary('Tanh'),
  Abs: unary('Abs'),
  Square: unary('Square'),
  Reciprocal: unary('Reciprocal'),
  Sin: unary('Sin'),
  Cos: unary('Cos'),
  Floor: unary('Floor'),
  Ceil: unary('Ceil'),
  Round: unary('Round'),
  Sign: unary('Sign'),
  Softplus: unary('Softplus'),
  Erf: unary('Erf'),
  Step: (node, { tf, slot }) => {
    const positive = tf.call('Greater', 'bool', [slot(input(node, 0)), tf.scalar(0)], { T: 'float32' })
    const alpha = Number(node.attributes.alpha ?? 0)
    return [tf.call('SelectV2', 'float32', [positive, tf.scalar(1), tf.scalar(alpha)], { T: 'float32' })]
  },
  ClipByValue: (node, { tf, slot }) => {
    const { dtype } = output(node)
    const [low, high] = [Number(node.attributes.clipValueMin), Number(node.attributes.clipValueMax)]
    const raised = tf.binary('Maximum', slot(input(node, 0)), tf.scalar(low, dtype))
    return [tf.binary('Minimum', raised, tf.scalar(high, dtype))]
  },
  Identity: (node, { slot }) => [slot(input(node, 0))],
  // A mark for compileAccumulated; by itself it is its value.
  Accumulated: (node, { slot }) => [slot(input(node, 0))],
  Cast: (node, { tf, slot }) => [tf.cast(slot(input(node, 0)), output(node).dtype)],
  Select: (node, { tf, slot }) => {
    const [condition, then] = [input(node, 0), input(node, 1)]
    // TF.js lets a [rows] condition choose whole rows.
    const missing = then.shape.length - condition.shape.length
    const shape = [...condition.shape, ...Array.from({ length: missing }, () => 1)]
    const mask = missing === 0 ? slot(condition) : tf.reshape(slot(condition), shape)
    return [tf.call('SelectV2', then.dtype, [mask, slot(then), slot(input(node, 2))], { T: then.dtype })]
  },
  AddN: (node, { tf, slot }) => {
    const { dtype } = output(node)
    return [tf.call('AddN', dtype, node.inputs.map(slot), { T: dtype, N: { whole: node.inputs.length } })]
  },
  Silu: (node, { tf, slot }) => {
    const x = slot(input(node, 0))
    return [tf.multiply(x, sigmoidOf(x, tf))]
  },
  // d/dx x·s = s + x·s·(1 − s); SigmoidGrad(s, dy) is dy·s·(1 − s) in one pass.
  SiluGrad: (node, { tf, slot }) => {
    const [dy, x] = [slot(input(node, 0)), slot(input(node, 1))]
    const s = sigmoidOf(x, tf)
    return [tf.add(tf.multiply(dy, s), tf.multiply(x, tf.binary('SigmoidGrad', s, dy)))]
  },
}
