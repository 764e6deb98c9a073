import onnxProto from 'onnx-proto'
import type { Data, Dtype } from './ir.ts'

const { onnx } = onnxProto

/** ONNX element types (TensorProto.DataType). */
export const ONNX_TYPE: Record<Dtype | 'int64', number> = { float32: 1, int32: 6, int64: 7, bool: 9 }
/** Types of stored weights, which no computation has. */
const STORED_TYPE = { float32: 1, uint8: 2, float16: 10, uint4: 21 } as const

/** Operators beyond the standard are named with a prefix. */
const DOMAINS: Readonly<Record<string, string>> = { ms: 'com.microsoft', nchwc: 'com.microsoft.nchwc' }
export const OPERATOR_SET = 18
/** The first that widens blocks of few bits. */
const BLOCK_OPERATOR_SET = 21

/** Where the bytes of a weight are: here, or in a file beside the model. `offset` and `length` in bytes. */
export type WeightContent = { data: Data } | WeightPlace
export interface WeightPlace {
  location: string
  offset: number
  length: number
}

/** TensorProto.DataLocation */
const EXTERNAL = 1

export type OnnxAttribute = number | string | readonly number[] | { float: number }

interface OnnxNode {
  name: string
  opType: string
  input: readonly string[]
  output: readonly string[]
  domain: string
  attribute: object[]
}

/** Collects ONNX nodes and initializers. Names are short and unique; % keeps them apart from names of inputs and outputs. */
export class OnnxBuilder {
  #nodes: OnnxNode[] = []
  #initializers: object[] = []
  #inputs: object[] = []
  #outputs: object[] = []
  #described: object[] = []
  readonly #domains = new Set<string>()
  readonly #stored = new Set<string>()
  #operatorSet = OPERATOR_SET
  #count = 0
  #constants = new Map<string, string>()

  #label = ''

  /** Nodes from here on are named "<label>.<count>"; names must differ, and onnxruntime's messages give them. */
  label(label: string): void {
    this.#label = label
  }

  /** @param shape null: of any shape */
  input(name: string, shape: readonly number[] | null, dtype: Dtype): void {
    this.#inputs.push(valueInfo(name, shape, dtype))
  }

  output(name: string, from: string, shape: readonly number[] | null, dtype: Dtype): void {
    this.#node('Identity', [from], [name], {}, '')
    this.#outputs.push(valueInfo(name, shape, dtype))
  }

  /** Says what a value is, where that cannot be told from how it is computed. */
  describe(name: string, shape: readonly number[], dtype: Dtype): void {
    this.#described.push(valueInfo(name, shape, dtype))
  }

  /** Adds an operator with one output and returns that output's name. A leading "ms." or "nchwc." picks another domain. */
  op(type: string, inputs: readonly string[], attributes: Record<string, OnnxAttribute> = {}): string {
    return this.ops(type, inputs, 1, attributes)[0] as string
  }

  /** As `op`, with several outputs. */
  ops(
    type: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Record<string, OnnxAttribute> = {},
  ): string[] {
    const names = Array.from({ length: outputs }, () => `%v${this.#count++}`)
    if (type === 'DequantizeLinear') this.#operatorSet = BLOCK_OPERATOR_SET
    const [, prefix = '', name = type] = /^(?:(\w+)\.)?(\w+)$/.exec(type) ?? []
    const domain = DOMAINS[prefix] ?? ''
    if (domain) this.#domains.add(domain)
    this.#node(name, inputs, names, attributes, domain)
    return names
  }

  #node(
    opType: string,
    input: readonly string[],
    output: readonly string[],
    attributes: Record<string, OnnxAttribute>,
    domain: string,
  ): void {
    const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value))
    this.#nodes.push({ name: `${this.#label}.${this.#nodes.length}`, opType, input, output, domain, attribute })
  }

  /** A constant of any type. */
  constant(data: Data | BigInt64Array, shape: readonly number[], type: Dtype | 'int64'): string {
    const name = `%c${this.#count++}`
    const rawData = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    this.#initializers.push({ name, dims: shape, dataType: ONNX_TYPE[type], rawData })
    return name
  }

  /** A weight under a name of its own, with its bytes inside the model or in a file beside it. */
  weight(name: string, shape: readonly number[], dtype: Dtype, content: WeightContent): void {
    const initializer = { name, dims: shape, dataType: ONNX_TYPE[dtype] }
    if ('data' in content) {
      const { buffer, byteOffset, byteLength } = content.data
      this.#initializers.push({ ...initializer, rawData: Buffer.from(buffer, byteOffset, byteLength) })
      return
    }
    this.#external(initializer, content)
  }

  /** A weight in a file beside the model, of a type that only weights have. @returns its name */
  stored(name: string, shape: readonly number[], type: keyof typeof STORED_TYPE, place: WeightPlace): string {
    if (this.#stored.has(name)) return name
    this.#stored.add(name)
    this.#external({ name, dims: shape, dataType: STORED_TYPE[type] }, place)
    return name
  }

  #external(initializer: object, place: WeightPlace): void {
    const externalData = Object.entries(place).map(([key, value]) => ({ key, value: String(value) }))
    this.#initializers.push({ ...initializer, dataLocation: EXTERNAL, externalData })
  }

  /** int64 vector, as shapes, axes and pads are given; equal ones are shared. */
  ints(values: readonly number[]): string {
    return this.#shared(`i${values.length}:${values}`, () =>
      this.constant(
        BigInt64Array.from(values, (value) => BigInt(value)),
        [values.length],
        'int64',
      ),
    )
  }

  /** int64 scalar. */
  index(value: number): string {
    return this.#shared(`n${value}`, () => this.constant(BigInt64Array.of(BigInt(value)), [], 'int64'))
  }

  /** Scalar of the given type. */
  scalar(value: number, dtype: Dtype = 'float32'): string {
    const data =
      dtype === 'float32' ? Float32Array.of(value) : dtype === 'int32' ? Int32Array.of(value) : Uint8Array.of(value)
    return this.#shared(`s${dtype}:${value}`, () => this.constant(data, [], dtype))
  }

  /** float32 vector. */
  floats(values: readonly number[]): string {
    return this.#shared(`f${values}`, () => this.constant(Float32Array.from(values), [values.length], 'float32'))
  }

  #shared(key: string, make: () => string): string {
    let name = this.#constants.get(key)
    if (!name) {
      name = make()
      this.#constants.set(key, name)
    }
    return name
  }

  /** Names of the nodes of some operators. */
  namesOf(types: readonly string[]): string[] {
    return this.#nodes.filter(({ opType }) => types.includes(opType)).map(({ name }) => name)
  }

  /** Domains of operators beyond the standard that the model uses. */
  extensions(): string[] {
    return [...this.#domains]
  }

  /**
   * The finished model as the bytes of an .onnx file.
   * @param order of the nodes. onnxruntime walks from the outputs to the inputs and takes the node that stands last
   *   first, so that what a gradient takes from its forward pass is computed, and kept, long before it is used; with the
   *   latest first it computes in the order of the trace. A file for others keeps to the standard's order.
   */
  encode(
    graphName: string,
    documentation = '',
    order: 'earliest first' | 'latest first' = 'earliest first',
  ): Uint8Array {
    const graph = {
      name: graphName,
      docString: documentation,
      node: order === 'latest first' ? this.#nodes.toReversed() : this.#nodes,
      input: this.#inputs,
      output: this.#outputs,
      valueInfo: this.#described,
      initializer: this.#initializers,
    }
    const opsetImport = [
      { domain: '', version: this.#operatorSet },
      ...[...this.#domains].map((domain) => ({ domain, version: 1 })),
    ]
    return onnx.ModelProto.encode({
      irVersion: this.#operatorSet === OPERATOR_SET ? 9 : 10,
      producerName: 'UniCode Workbench',
      opsetImport,
      graph,
    } as never).finish()
  }
}

const valueInfo = (name: string, shape: readonly number[] | null, dtype: Dtype) => ({
  name,
  type: {
    tensorType: {
      elemType: ONNX_TYPE[dtype],
      ...(shape ? { shape: { dim: shape.map((size) => ({ dimValue: size })) } } : {}),
    },
  },
})

// AttributeProto.AttributeType: FLOAT 1, INT 2, STRING 3, INTS 7.
function attributeOf(name: string, value: OnnxAttribute) {
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) throw new Error(`ONNX attribute "${name}" = ${value}: floats are given as { float }`)
    return { name, type: 2, i: value }
  }
  if (typeof value === 'string') return { name, type: 3, s: Buffer.from(value) }
  if ('float' in value) return { name, type: 1, f: value.float }
  return { name, type: 7, ints: value }
}
