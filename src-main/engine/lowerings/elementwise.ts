import { ONNX_TYPE } from '../onnx-builder.ts'
import { input, type Lowering, output } from './lowering.ts'

const direct =
  (type: string): Lowering =>
  (node, { onnx, name }) => [onnx.op(type, node.inputs.map(name))]

/** ONNX has no bool or float/int mixing; TF.js compares after upcasting, so both sides get one type here. */
const comparison =
  (type: string, negate = false): Lowering =>
  (node, { onnx, name }) => {
    const [a, b] = [input(node, 0), input(node, 1)]
    const upcast = a.dtype === 'float32' || b.dtype === 'float32' ? 'float32' : 'int32'
    const sides = [a, b].map((side) =>
      side.dtype === upcast ? name(side) : onnx.op('Cast', [name(side)], { to: ONNX_TYPE[upcast] }),
    )
    const result = onnx.op(type, sides)
    return [negate ? onnx.op('Not', [result]) : result]
  }

export const elementwise: Record<string, Lowering> = {
  Add: direct('Add'),
  Sub: direct('Sub'),
  Multiply: direct('Mul'),
  RealDiv: (node, { onnx, name }) => [
    onnx.op(
      'Div',
      node.inputs.map((value) =>
        value.dtype === 'float32' ? name(value) : onnx.op('Cast', [name(value)], { to: ONNX_TYPE.float32 }),
      ),
    ),
  ],
  FloorDiv: (node, { onnx, name }) => {
    const [a, b] = node.inputs.map((value) => onnx.op('Cast', [name(value)], { to: ONNX_TYPE.float32 })) as [
      string,
      string,
    ]
    return [onnx.op('Cast', [onnx.op('Floor', [onnx.op('Div', [a, b])])], { to: ONNX_TYPE[output(node).dtype] })]
  },
  // TF.js Mod takes the divisor's sign, as ONNX does for integers only.
  Mod: (node, { onnx, name }) => {
    const [a, b] = [name(input(node, 0)), name(input(node, 1))]
    if (output(node).dtype === 'int32') return [onnx.op('Mod', [a, b])]
    return [onnx.op('Sub', [a, onnx.op('Mul', [b, onnx.op('Floor', [onnx.op('Div', [a, b])])])])]
  },
  Maximum: direct('Max'),
  Minimum: direct('Min'),
  Pow: direct('Pow'),
  SquaredDifference: (node, { onnx, name }) => {
    const difference = onnx.op('Sub', node.inputs.map(name))
    return [onnx.op('Mul', [difference, difference])]
  },
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  Equal: comparison('Equal'),
  NotEqual: comparison('Equal', true),
  LogicalAnd: direct('And'),
  LogicalOr: direct('Or'),
  LogicalNot: direct('Not'),
  Relu: direct('Relu'),
  LeakyRelu: (node, { onnx, name }) => [
    onnx.op('LeakyRelu', [name(input(node, 0))], { alpha: { float: Number(node.attributes.alpha ?? 0.2) } }),
  ],
  Sigmoid: direct('Sigmoid'),
  Sqrt: direct('Sqrt'),
  Rsqrt: (node, { onnx, name }) => [onnx.op('Reciprocal', [onnx.op('Sqrt', node.inputs.map(name))])],
  Exp: direct('Exp'),
  Log: direct('Log'),
  Neg: direct('Neg'),
  Tanh: direct('Tanh'),
  Abs: direct('Abs'),
  Square: (node, { onnx, name }) => [onnx.op('Mul', [name(input(node, 0)), name(input(node, 0))])],
  Reciprocal: direct('Reciprocal'),
  Sin: direct('Sin'),
  Cos: direct('Cos'),
  Floor: direct('Floor'),
  Ceil: direct('Ceil'),
  Round: direct('Round'),
  Sign: direct('Sign'),
  Softplus: direct('Softplus'),
  Erf: direct('Erf'),
  Step: (node, { onnx, name }) => {
    const positive = onnx.op('Greater', [name(input(node, 0)), onnx.scalar(0)])
    const alpha = Number(node.attributes.alpha ?? 0)
    return [onnx.op('Where', [positive, onnx.scalar(1), onnx.scalar(alpha)])]
  },
  ClipByValue: (node, { onnx, name }) => [
    onnx.op('Clip', [
      name(input(node, 0)),
      onnx.scalar(Number(node.attributes.clipValueMin), output(node).dtype),
      onnx.scalar(Number(node.attributes.clipValueMax), output(node).dtype),
    ]),
  ],
  Identity: (node, { name }) => [name(input(node, 0))],
  // A mark for compileAccumulated; by itself it is its value.
  Accumulated: (node, { name }) => [name(input(node, 0))],
  Cast: (node, { onnx, name }) => {
    const { dtype } = output(node)
    return [
      dtype === input(node, 0).dtype
        ? name(input(node, 0))
        : onnx.op('Cast', [name(input(node, 0))], { to: ONNX_TYPE[dtype] }),
    ]
  },
  Select: (node, { onnx, name }) => {
    const [condition, then] = [input(node, 0), input(node, 1)]
    // TF.js lets a [rows] condition choose whole rows.
    const shape = [...condition.shape, ...Array.from({ length: then.shape.length - condition.shape.length }, () => 1)]
    const mask =
      condition.shape.length === then.shape.length
        ? name(condition)
        : onnx.op('Reshape', [name(condition), onnx.ints(shape)])
    return [onnx.op('Where', [mask, name(then), name(input(node, 2))])]
  },
  AddN: (node, { onnx, name }) => [onnx.op('Sum', node.inputs.map(name))],
  Silu: (node, { onnx, name }) => [onnx.op('ms.QuickGelu', node.inputs.map(name), { alpha: { float: 1 } })],
  // d/dx x·s = s + x·s·(1 − s), written with the fewest passes: s·(1 + x·(1 − s)).
  SiluGrad: (node, { onnx, name }) => {
    const [dy, x] = [name(input(node, 0)), name(input(node, 1))]
    const s = onnx.op('Sigmoid', [x])
    const slope = onnx.op('Add', [onnx.op('Mul', [x, onnx.op('Sub', [onnx.scalar(1), s])]), onnx.scalar(1)])
    return [onnx.op('Mul', [dy, onnx.op('Mul', [s, slope])])]
  },
}
