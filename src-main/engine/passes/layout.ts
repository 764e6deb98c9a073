import { type Attribute, type Graph, type Node, nextId, type Value, ValueFactory } from '../ir.ts'
import { oneAxis, reducedAxes } from '../kernels.ts'

/**
 * Keeps convolutional parts in NCHW, which is the runtime's own layout: model code is NHWC, and each value of rank 4
 * is held in whichever layout it was computed in. Transposes appear only where the two meet.
 * Kernels of `nchwOnly` always go to NCHW; elementwise kernels, sums and concatenations follow their inputs.
 */
export function chooseLayouts(graph: Graph): Graph {
  return new LayoutPass(graph).run()
}

const TO_NCHW = [0, 3, 1, 2]
const TO_NHWC = [0, 2, 3, 1]
/** Axis of NHWC → axis of NCHW. */
const AXIS = [0, 2, 3, 1]

/** Kernel → which inputs are maps, and which outputs are. */
const nchwOnly: Record<string, { inputs: number[]; outputs: number[] }> = {
  Conv2D: { inputs: [0], outputs: [0] },
  Conv2DBackpropInput: { inputs: [0], outputs: [0] },
  DepthwiseConv2dNative: { inputs: [0], outputs: [0] },
  DepthwiseConv2dNativeBackpropInput: { inputs: [0], outputs: [0] },
  Conv2DBackpropFilter: { inputs: [0, 1], outputs: [] },
  ResizeNearestNeighbor: { inputs: [0], outputs: [0] },
  ResizeNearestNeighborGrad: { inputs: [0, 1], outputs: [0] },
  GroupNorm: { inputs: [0], outputs: [0, 1] },
  GroupNormGrad: { inputs: [0, 1], outputs: [0] },
}

const elementwise = new Set([
  'Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'Pow', 'SquaredDifference', 'Greater', 'GreaterEqual', 'Less',
  'LessEqual', 'Equal', 'NotEqual', 'LogicalAnd', 'LogicalOr', 'LogicalNot', 'Relu', 'LeakyRelu', 'Sigmoid', 'Sqrt', 'Rsqrt', 'Exp', 'Log',
  'Neg', 'Tanh', 'Abs', 'Square', 'Reciprocal', 'Sin', 'Cos', 'Floor', 'Ceil', 'Round', 'Sign', 'Softplus', 'Erf', 'Step', 'Identity',
  'ClipByValue', 'Cast', 'Select', 'AddN', 'Silu', 'SiluGrad', 'ZerosLike', 'OnesLike',
]) // biome-ignore format: a table
const reductions = new Set(['Sum', 'Mean', 'Max', 'Min'])

const permute = (shape: readonly number[], perm: readonly number[]): number[] =>
  perm.map((axis) => shape[axis] as number)

class LayoutPass {
  readonly #graph: Graph
  readonly #values: ValueFactory
  readonly #nodes: Node[] = []
  /** Where a value of the old graph lives in the new one, by layout. */
  readonly #nhwc = new Map<number, Value>()
  readonly #nchw = new Map<number, Value>()
  readonly #fills = new Map<number, Node>()
  readonly #broadcasts = new Map<number, Node>()

  constructor(graph: Graph) {
    this.#graph = graph
    this.#values = new ValueFactory(nextId(graph))
  }

  run(): Graph {
    for (const { value } of [...this.#graph.inputs, ...this.#graph.constants]) this.#nhwc.set(value.id, value)
    for (const node of this.#graph.nodes) this.#place(node)
    return {
      ...this.#graph,
      nodes: this.#nodes,
      outputs: this.#graph.outputs.map(({ name, value }) => ({ name, value: this.#plain(value) })),
    }
  }

  #place(node: Node): void {
    const maps = nchwOnly[node.kernel]
    if (maps && node.inputs[0]?.shape.length === 4) this.#placeMaps(node, maps)
    else if (elementwise.has(node.kernel) && node.outputs[0]?.shape.length === 4 && this.#follows(node))
      this.#placeElementwise(node)
    else if (reductions.has(node.kernel) && this.#follows(node) && this.#placeReduction(node)) return
    else if (node.kernel === 'Barrier') this.#placeBarrier(node)
    else if (node.kernel === 'Concat' && this.#follows(node)) this.#placeConcat(node)
    else this.#placePlain(node)
  }

  /** True if some input of rank 4 exists in NCHW only, so that following it saves a transpose. */
  #follows(node: Node): boolean {
    return node.inputs.some(
      (value) => value.shape.length === 4 && this.#nchw.has(value.id) && !this.#nhwc.has(value.id),
    )
  }

  #placeMaps(node: Node, maps: { inputs: number[]; outputs: number[] }): void {
    const inputs = node.inputs.map((value, index) =>
      maps.inputs.includes(index) ? this.#map(value) : this.#plain(value),
    )
    const outputs = node.outputs.map((value, index) => (maps.outputs.includes(index) ? this.#mapLike(value) : value))
    this.#nodes.push({ ...node, inputs, outputs, attributes: { ...node.attributes, layout: 'NCHW' } })
    this.#settle(node, outputs, maps.outputs)
  }

  #placeElementwise(node: Node): void {
    const inputs = node.inputs.map((value) => (value.shape.length === 4 ? this.#map(value) : this.#broadcast(value)))
    const outputs = node.outputs.map((value) => this.#mapLike(value))
    this.#nodes.push({ ...node, inputs, outputs })
    this.#settle(node, outputs, [0])
  }

  /** False if the reduced result would come out in another order of axes; nothing has been done then. */
  #placeReduction(node: Node): boolean {
    const axes = reducedAxes((node.inputs[0] as Value).shape, node.attributes)
    const kept = [0, 1, 2, 3].filter((axis) => !axes.includes(axis))
    const keepDims = node.attributes.keepDims === true
    const ordered = kept.every(
      (axis, index) => index === 0 || (AXIS[axis] as number) > (AXIS[kept[index - 1] as number] as number),
    )
    if (!keepDims && !ordered) return false
    const input = this.#map(node.inputs[0] as Value)
    const outputs = node.outputs.map((value) => (keepDims ? this.#mapLike(value) : value))
    const attributes = { keepDims, axis: axes.map((axis) => AXIS[axis] as number).sort((a, b) => a - b) }
    this.#nodes.push({ ...node, inputs: [input], outputs, attributes })
    this.#settle(node, outputs, keepDims ? [0] : [])
    return true
  }

  #placeConcat(node: Node): void {
    const axis = oneAxis(node.attributes.axis, 4)
    const outputs = node.outputs.map((value) => this.#mapLike(value))
    const attributes = { ...node.attributes, axis: AXIS[axis] as number }
    this.#nodes.push({ ...node, inputs: node.inputs.map((value) => this.#map(value)), outputs, attributes })
    this.#settle(node, outputs, [0])
  }

  /** Values pass in the layout that they have. */
  #placeBarrier(node: Node): void {
    const inputs = node.inputs.map((value) => this.#nhwc.get(value.id) ?? this.#map(value))
    const turned = new Set([...node.outputs.keys()].filter((index) => inputs[index] !== node.inputs[index]))
    const outputs = node.outputs.map((value, index) => (turned.has(index) ? this.#mapLike(value) : value))
    this.#nodes.push({ ...node, inputs, outputs })
    this.#settle(node, outputs, [...turned])
  }

  #placePlain(node: Node): void {
    const inputs = node.inputs.map((value) => this.#plain(value))
    this.#nodes.push({ ...node, inputs })
    for (const value of node.outputs) this.#nhwc.set(value.id, value)
    if (node.kernel === 'Fill') this.#fills.set((node.outputs[0] as Value).id, node)
    if (node.kernel === 'BroadcastTo') this.#broadcasts.set((node.outputs[0] as Value).id, node)
  }

  #settle(node: Node, outputs: Value[], maps: number[]): void {
    for (const [index, old] of node.outputs.entries())
      (maps.includes(index) ? this.#nchw : this.#nhwc).set(old.id, outputs[index] as Value)
  }

  #mapLike = (value: Value): Value => this.#values.create(permute(value.shape, TO_NCHW), value.dtype)

  #emit(kernel: string, inputs: Value[], attributes: Record<string, Attribute>, output: Value, source: string): Value {
    this.#nodes.push({ kernel, inputs, attributes, outputs: [output], source })
    return output
  }

  /** The value in NHWC (or of any other rank, as it is). */
  #plain(value: Value): Value {
    const there = this.#nhwc.get(value.id)
    if (there) return there
    const map = this.#nchw.get(value.id)
    if (!map) throw new Error(`value %${value.id} is used before it is computed`)
    const made = this.#emit('Transpose', [map], { perm: TO_NHWC }, value, '')
    this.#nhwc.set(value.id, made)
    return made
  }

  /** The value in NCHW. */
  #map(value: Value): Value {
    const there = this.#nchw.get(value.id)
    if (there) return there
    const made = this.#filledMap(value) ?? this.#turnedMap(value)
    this.#nchw.set(value.id, made)
    return made
  }

  #turnedMap = (value: Value): Value =>
    this.#emit('Transpose', [this.#plain(value)], { perm: TO_NCHW }, this.#mapLike(value), '')

  /** A fill or a broadcast is made anew in NCHW: that is cheaper than to turn its result around. */
  #filledMap(value: Value): Value | null {
    const fill = this.#fills.get(value.id)
    const broadcast = this.#broadcasts.get(value.id)
    const { kernel, attributes, source } = fill ?? broadcast ?? {}
    if (!kernel || !attributes) return null
    const from = broadcast?.inputs[0]
    const inputs = from ? [from.shape.length === 4 ? this.#map(from) : this.#broadcast(from)] : []
    const output = this.#mapLike(value)
    return this.#emit(kernel, inputs, { ...attributes, shape: output.shape }, output, source ?? '')
  }

  /** A value of lower rank, reshaped so that it broadcasts against NCHW as it did against NHWC. */
  #broadcast(value: Value): Value {
    const plain = this.#plain(value)
    if (value.shape.length === 0) return plain
    const padded = [...Array.from({ length: 4 - value.shape.length }, () => 1), ...value.shape]
    const shape = permute(padded, TO_NCHW)
    const long = padded.filter((size) => size !== 1).length
    const reshaped = this.#values.create(long <= 1 ? shape : padded, value.dtype)
    this.#emit('Reshape', [plain], { shape: reshaped.shape }, reshaped, '')
    return long <= 1
      ? reshaped
      : this.#emit('Transpose', [reshaped], { perm: TO_NCHW }, this.#values.create(shape, value.dtype), '')
  }
}
