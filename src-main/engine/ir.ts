/**
 * The intermediate representation: a flat list of kernel calls over typed values, in execution order.
 * Kernel names are TensorFlow.js kernel names (Conv2D, BatchMatMul, …) plus the engine's own (operations/).
 */
export type Dtype = 'float32' | 'int32' | 'bool'
export type Data = Float32Array | Int32Array | Uint8Array

export interface Value {
  readonly id: number
  readonly shape: readonly number[]
  readonly dtype: Dtype
}

export type Attribute = number | string | boolean | null | readonly Attribute[] | { readonly [key: string]: Attribute }

export interface Node {
  kernel: string
  inputs: Value[]
  attributes: Record<string, Attribute>
  outputs: Value[]
  /** Model line that called the kernel, "file:line"; for error messages and the printed form. */
  source: string
}

export interface Graph {
  inputs: { name: string; value: Value }[]
  constants: { value: Value; data: Data }[]
  nodes: Node[]
  outputs: { name: string; value: Value }[]
}

/** Hands out values with ids that are unique in one graph. */
export class ValueFactory {
  #next: number
  constructor(first = 0) {
    this.#next = first
  }
  create(shape: readonly number[], dtype: Dtype): Value {
    return { id: this.#next++, shape: [...shape], dtype }
  }
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

/** A node's input or output. @throws Error naming the kernel if there is none at that place */
export const input = (node: Node, index: number): Value => {
  const value = node.inputs[index]
  if (!value) throw new Error(`${node.kernel} lacks input ${index}`)
  return value
}
export const output = (node: Node, index = 0): Value => {
  const value = node.outputs[index]
  if (!value) throw new Error(`${node.kernel} lacks output ${index}`)
  return value
}

/** Zeros of a type. */
export const zerosOf = (dtype: Dtype, size: number): Data =>
  dtype === 'float32' ? new Float32Array(size) : dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size)

/** First id that no value of the graph has. */
export function nextId(graph: Graph): number {
  let highest = -1
  const see = (value: Value) => {
    highest = Math.max(highest, value.id)
  }
  for (const input of graph.inputs) see(input.value)
  for (const constant of graph.constants) see(constant.value)
  for (const node of graph.nodes) node.outputs.forEach(see)
  return highest + 1
}

const SHORT: Record<Dtype, string> = { float32: 'f32', int32: 'i32', bool: 'bool' }
/** Type and shape, as f32[2,3]. */
export const printType = (value: Value): string => `${SHORT[value.dtype]}[${value.shape.join(',')}]`
const formatValue = (value: Value): string => `%${value.id}:${printType(value)}`

function formatAttributes(attributes: Record<string, Attribute>): string {
  const entries = Object.entries(attributes).filter(([, value]) => value !== null)
  return entries.length === 0 ? '' : ` {${entries.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(' ')}}`
}

/** The graph as text, one operation a line, with every attribute. */
export function printGraph(graph: Graph, options: { sources?: boolean } = {}): string {
  const lines = graph.inputs.map(({ name, value }) => `input ${name} = ${formatValue(value)}`)
  for (const { value, data } of graph.constants) {
    const shown = data.length <= 4 ? ` = ${Array.from(data).join(', ')}` : ''
    lines.push(`constant ${formatValue(value)}${shown}`)
  }
  for (const node of graph.nodes) {
    const call = `${node.kernel}(${node.inputs.map((value) => `%${value.id}`).join(', ')})`
    const source = options.sources && node.source ? `  # ${node.source}` : ''
    lines.push(`${node.outputs.map(formatValue).join(', ')} = ${call}${formatAttributes(node.attributes)}${source}`)
  }
  for (const { name, value } of graph.outputs) lines.push(`output ${name} = %${value.id}`)
  return lines.join('\n')
}
