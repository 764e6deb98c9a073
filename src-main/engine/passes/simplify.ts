import { type Dtype, type Graph, type Node, nextId, sizeOf, type Value, ValueFactory } from '../ir.ts'

/**
 * Algebra that changes no result: x·1, x/1, x + 0, x − 0, − − x, casts and reshapes to what a value is already, chains
 * of reshapes and of transposes. Values that are one number everywhere are used as that number, and broadcasts are put
 * off until after what can be computed before them, so the gradient of a mean never fills a map.
 * (x + 0 makes +0 of −0, which are equal.)
 */
export function simplify(graph: Graph): Graph {
  return new Simplifier(graph).run()
}

/** What a node can be replaced by: a value that is there already, or nodes of which the last has the node's outputs. */
type Replacement = Value | Node[]
type Rule = (node: Node, within: Simplifier) => Replacement | null

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis])
const first = (node: Node): Value => node.inputs[0] as Value
const result = (node: Node): Value => node.outputs[0] as Value
const alike = (a: Value, b: Value): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape)

const reshape: Rule = (node, within) => {
  const from = within.producer(first(node))
  const source = from?.kernel === 'Reshape' ? first(from) : first(node)
  if (alike(source, result(node))) return source
  const { shape } = result(node)
  if (node.kernel === 'Reshape' && source === first(node)) return null
  return [{ ...node, kernel: 'Reshape', inputs: [source], attributes: { shape } }]
}

const transpose: Rule = (node, within) => {
  const perm = node.attributes.perm as number[]
  if (perm.every((axis, at) => axis === at)) return first(node)
  const from = within.producer(first(node))
  if (from?.kernel !== 'Transpose') return null
  const inner = from.attributes.perm as number[]
  return [{ ...node, inputs: [first(from)], attributes: { perm: perm.map((axis) => inner[axis] as number) } }]
}

/** x where the other operand is `neutral` everywhere; broadcast where the other one was larger. */
const neutral =
  (number: number, sides: readonly (0 | 1)[]): Rule =>
  (node, within) => {
    for (const side of sides) {
      const [other, kept] = [node.inputs[side], node.inputs[1 - side]] as [Value, Value]
      if (within.numberOf(other) !== number || kept.dtype !== result(node).dtype) continue
      return alike(kept, result(node)) ? kept : [broadcastTo(node, kept)]
    }
    return null
  }

const broadcastTo = (node: Node, from: Value): Node => ({
  ...node,
  kernel: 'BroadcastTo',
  inputs: [from],
  attributes: { shape: result(node).shape },
})

/** An operand that another one makes as large as the result anyway need not be that large itself. */
const smallOperands: Rule = (node, within) => {
  for (const [at, value] of node.inputs.entries()) {
    const other = node.inputs[1 - at] as Value
    if (sizeOf(value.shape) === 1 || !sameShape(other.shape, result(node).shape)) continue
    const from = within.producer(value)
    const number = within.numberOf(value)
    // One at a time: the other one must stay as large as the result.
    if (from?.kernel === 'BroadcastTo') return [{ ...node, inputs: node.inputs.with(at, first(from)) }]
    if (number !== undefined) return [{ ...node, inputs: node.inputs.with(at, within.scalar(number, value.dtype)) }]
  }
  return null
}

/** f(broadcast x) is broadcast f(x), for f of one operand or with a number. */
const broadcastLater: Rule = (node, within) => {
  const large = node.inputs.find((value) => within.producer(value)?.kernel === 'BroadcastTo')
  if (!large || node.inputs.some((value) => value !== large && sizeOf(value.shape) !== 1)) return null
  const small = first(within.producer(large) as Node)
  if (node.inputs.some((value) => value.shape.length > small.shape.length)) return null
  const inputs = node.inputs.map((value) => (value === large ? small : value))
  const before = within.create(small.shape, result(node).dtype)
  return [{ ...node, inputs, outputs: [before] }, broadcastTo(node, before)]
}

const filled: Rule = (node) => {
  const { shape, dtype } = result(node)
  return [
    { ...node, kernel: 'Fill', inputs: [], attributes: { shape, dtype, value: node.kernel === 'OnesLike' ? 1 : 0 } },
  ]
}

const either =
  (...rules: Rule[]): Rule =>
  (node, within) => {
    for (const rule of rules) {
      const found = rule(node, within)
      if (found) return found
    }
    return null
  }

const binary = either(smallOperands, broadcastLater)
const rules: Readonly<Record<string, Rule>> = {
  Identity: first,
  Accumulated: first,
  Cast: (node) => (alike(first(node), result(node)) ? first(node) : null),
  Reshape: reshape,
  ExpandDims: reshape,
  Transpose: transpose,
  BroadcastTo: (node) => (alike(first(node), result(node)) ? first(node) : null),
  ZerosLike: filled,
  OnesLike: filled,
  Neg: either((node, within) => {
    const from = within.producer(first(node))
    return from?.kernel === 'Neg' ? first(from) : null
  }, broadcastLater),
  Multiply: either(neutral(1, [0, 1]), binary),
  RealDiv: either(neutral(1, [1]), binary),
  Add: either(neutral(0, [0, 1]), binary),
  Sub: either(neutral(0, [1]), binary),
  Maximum: smallOperands,
  Minimum: smallOperands,
}

class Simplifier {
  readonly #graph: Graph
  readonly #values: ValueFactory
  readonly #nodes: Node[] = []
  readonly #constants: Graph['constants']
  readonly #producers = new Map<number, Node>()
  readonly #replaced = new Map<number, Value>()
  readonly #numbers = new Map<number, number>()
  readonly #scalars = new Map<string, Value>()

  constructor(graph: Graph) {
    this.#graph = graph
    this.#values = new ValueFactory(nextId(graph))
    this.#constants = [...graph.constants]
    for (const { value, data } of graph.constants) if (data.length === 1) this.#numbers.set(value.id, data[0] as number)
  }

  run(): Graph {
    for (const node of this.#graph.nodes) this.#place({ ...node, inputs: node.inputs.map((value) => this.#now(value)) })
    return {
      ...this.#graph,
      constants: this.#constants,
      nodes: this.#nodes,
      outputs: this.#graph.outputs.map(({ name, value }) => ({ name, value: this.#now(value) })),
    }
  }

  #now = (value: Value): Value => this.#replaced.get(value.id) ?? value

  #place(node: Node): void {
    const replacement = rules[node.kernel]?.(node, this)
    if (Array.isArray(replacement)) for (const step of replacement) this.#place(step)
    else if (replacement) this.#replaced.set(result(node).id, replacement as Value)
    else {
      this.#nodes.push(node)
      for (const value of node.outputs) this.#producers.set(value.id, node)
      if (node.kernel === 'Fill') this.#numbers.set(result(node).id, Number(node.attributes.value))
    }
  }

  producer = (value: Value): Node | undefined => this.#producers.get(value.id)
  /** The number that the value is everywhere, if that is known. */
  numberOf = (value: Value): number | undefined => this.#numbers.get(value.id)
  create = (shape: readonly number[], dtype: Dtype): Value => this.#values.create(shape, dtype)
  scalar(number: number, dtype: Dtype): Value {
    const key = `${dtype} ${Object.is(number, -0) ? '-0' : number}`
    let value = this.#scalars.get(key)
    if (!value) {
      value = this.create([], dtype)
      const of = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array
      this.#constants.push({ value, data: of.of(number) })
      this.#numbers.set(value.id, number)
      this.#scalars.set(key, value)
    }
    return value
  }
}
