import type { FrozenWeights } from '../frozen/frozen-weights.ts'
import type { Attribute, Dtype, Graph, Node, Value } from '../ir.ts'
import { convolution, kernelRules } from '../kernels.ts'
import { accumulatedReference } from '../operations/accumulated.ts'
import { attentionReference } from '../operations/attention.ts'
import { barrierReference } from '../operations/barrier.ts'
import { cachedAttentionReference } from '../operations/cached-attention.ts'
import { groupNormReference } from '../operations/group-norm.ts'
import { layerNormReference } from '../operations/layer-norm.ts'
import { nearestCodeReference } from '../operations/nearest-code.ts'
import { ownRules } from '../operations/registry.ts'
import { rmsNormReference } from '../operations/rms-norm.ts'
import { rotaryReference } from '../operations/rotary.ts'
import { siluReference } from '../operations/silu.ts'
import { softmaxCrossEntropyReference } from '../operations/softmax-cross-entropy.ts'
import { type NamedAttrMap, type Tensor, tf } from '../tf.ts'
import {
  checkInput,
  copyOf,
  Entries,
  type EntryType,
  entryOf,
  type HostTensor,
  type Program,
  type Runtime,
  replacedEntries,
  STATE_PREFIX,
  type State,
} from './runtime.ts'

type Composition = (inputs: Tensor[], attributes: Record<string, Attribute>) => Tensor[]

/** TensorFlow.js 4.22's own kernel is wrong for batches of more than one on the CPU backend; whole factors only. */
const resizeNearestNeighborGradient: Composition = ([images, dy]) => {
  const [batch, height, width, channels] = (images as Tensor).shape as [number, number, number, number]
  const [, tall, wide] = (dy as Tensor).shape as [number, number, number]
  const blocks = tf.reshape(dy as Tensor, [batch * height, tall / height, width, wide / width, channels])
  return [tf.reshape(tf.sum(blocks, [1, 3]), [batch, height, width, channels])]
}

/** TensorFlow.js reads and writes one element at a time here; a product for each filter tap is a hundred times as fast. */
const convolutionFilterGradient: Composition = ([x, dy], attributes) => {
  const shape = attributes.filterShape as [number, number, number, number]
  const { padInfo, strideHeight, strideWidth, ...info } = convolution((x as Tensor).shape, shape, attributes)
  const { top, bottom, left, right } = padInfo
  const padded = tf.pad(x as Tensor, [
    [0, 0],
    [top, Math.max(bottom, 0)],
    [left, Math.max(right, 0)],
    [0, 0],
  ])
  const rows = tf.reshape(dy as Tensor, [-1, info.outChannels]) as tf.Tensor2D
  const taps: Tensor[] = []
  for (let i = 0; i < info.filterHeight; i++)
    for (let j = 0; j < info.filterWidth; j++) {
      const end = [i + (info.outHeight - 1) * strideHeight + 1, j + (info.outWidth - 1) * strideWidth + 1]
      const window = tf.stridedSlice(
        padded,
        [0, i, j, 0],
        [info.batchSize, ...end, info.inChannels],
        [1, strideHeight, strideWidth, 1],
      )
      taps.push(tf.matMul(tf.reshape(window, [-1, info.inChannels]) as tf.Tensor2D, rows, true, false))
    }
  return [tf.reshape(tf.stack(taps), shape)]
}

/** TensorFlow.js's own kernel makes float32 of whole numbers. */
const unsortedSegmentSum: Composition = ([x, ids], { numSegments }) => [
  tf.cast(
    runKernel('UnsortedSegmentSum', [x as Tensor, ids as Tensor], { numSegments: numSegments as number })[0] as Tensor,
    x?.dtype as Dtype,
  ),
]

/** TensorFlow.js's own kernel writes into the table that it is given. */
const tensorScatterUpdate: Composition = ([table, indices, rows]) => {
  const copy = tf.tensor((table as Tensor).dataSync().slice(), (table as Tensor).shape, table?.dtype)
  return runKernel('TensorScatterUpdate', [copy, indices as Tensor, rows as Tensor], {})
}

const compositions: Record<string, Composition> = {
  TensorScatterUpdate: tensorScatterUpdate,
  Conv2DBackpropFilter: convolutionFilterGradient,
  UnsortedSegmentSum: unsortedSegmentSum,
  ResizeNearestNeighborGrad: resizeNearestNeighborGradient,
  ...accumulatedReference,
  ...attentionReference,
  ...cachedAttentionReference,
  ...barrierReference,
  ...groupNormReference,
  ...layerNormReference,
  ...nearestCodeReference,
  ...rmsNormReference,
  ...rotaryReference,
  ...siluReference,
  ...softmaxCrossEntropyReference,
}

/** Interprets the trace, before any pass, with plain TensorFlow.js on the processor: slow and obvious, for tests. */
export const referenceRuntime: Runtime = {
  name: 'reference',
  createState: (initial, frozen) => new ReferenceState(initial, frozen),
  load: async (graph, _name, state) => {
    await (state as ReferenceState).widen(graph.inputs.map(({ name }) => name))
    return new ReferenceProgram(graph, state as ReferenceState)
  },
}

/** TensorFlow.js keeps the bytes of a bool under the name of float32 when it casts one. */
function hostTensor(tensor: Tensor): HostTensor {
  const data = tensor.dataSync()
  const [dtype, { shape }] = [tensor.dtype as Dtype, tensor]
  if (dtype === 'float32') return { shape, dtype, data: Float32Array.from(data) }
  return { shape, dtype, data: dtype === 'int32' ? Int32Array.from(data) : Uint8Array.from(data) }
}

const copiesOf = (tensors: Record<string, HostTensor>): Map<string, HostTensor> =>
  new Map(Object.entries(tensors).map(([name, tensor]) => [name, copyOf(tensor)]))

class ReferenceState implements State {
  readonly #entries: Entries<HostTensor>
  /** Frozen weights that programs read. */
  readonly #widened = new Map<string, HostTensor>()
  constructor(initial: Record<string, HostTensor>, frozen?: FrozenWeights) {
    this.#entries = new Entries(copiesOf(initial), (tensor) => tensor, frozen)
  }
  get frozen(): FrozenWeights | null {
    return this.#entries.frozen
  }
  names = (): string[] => this.#entries.names()
  typeOf = (name: string): EntryType => this.#entries.typeOf(name)
  current = (name: string): HostTensor | undefined => this.#entries.held.get(name) ?? this.#widened.get(name)
  read = async (name: string): Promise<HostTensor> =>
    this.#entries.readFrozen(name) ?? copyOf(entryOf(this.#entries.held, name))
  async write(name: string, tensor: HostTensor): Promise<void> {
    const { shape, dtype } = this.#entries.writable(name)
    this.#entries.held.set(name, copyOf(checkInput(name, tensor, shape, dtype)))
  }
  add = (entries: Record<string, HostTensor>): void => this.#entries.add(copiesOf(entries))
  remove(names: readonly string[]): void {
    this.#entries.remove(names)
  }
  /** Reads the frozen ones among these names. */
  async widen(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const weight = this.#widened.has(name) ? null : this.#entries.readFrozen(name)
      if (weight) this.#widened.set(name, await weight)
    }
  }
}

class ReferenceProgram implements Program {
  readonly #graph: Graph
  readonly #state: ReferenceState
  constructor(graph: Graph, state: ReferenceState) {
    this.#graph = graph
    this.#state = state
    replacedEntries(graph, state)
  }

  async run(inputs: Record<string, HostTensor>): Promise<Record<string, HostTensor>> {
    tf.setBackend('cpu')
    const results: Record<string, HostTensor> = {}
    tf.tidy(() => {
      const values = this.#evaluate(inputs)
      for (const { name, value } of this.#graph.outputs) {
        const tensor = values.get(value.id) as Tensor
        results[name] = hostTensor(tensor)
      }
    })
    for (const [name, tensor] of Object.entries(results))
      if (name.startsWith(STATE_PREFIX)) {
        await this.#state.write(name.slice(STATE_PREFIX.length), tensor)
        delete results[name]
      }
    return results
  }

  #evaluate(inputs: Record<string, HostTensor>): Map<number, Tensor> {
    const values = new Map<number, Tensor>()
    const place = (id: number, { data, shape, dtype }: HostTensor) => values.set(id, tf.tensor(data, [...shape], dtype))
    for (const { name, value } of this.#graph.inputs)
      place(value.id, checkInput(name, this.#state.current(name) ?? inputs[name], value.shape, value.dtype))
    for (const { value, data } of this.#graph.constants)
      place(value.id, { data, shape: value.shape, dtype: value.dtype })
    for (const node of this.#graph.nodes) {
      const given = node.inputs.map((value) => values.get(value.id) as Tensor)
      for (const [index, tensor] of compute(node, given).entries())
        values.set((node.outputs[index] as Value).id, tensor)
    }
    return values
  }

  async dispose(): Promise<void> {}
}

/** What a node gives, of the types it was traced with. */
function compute(node: Node, given: Tensor[]): Tensor[] {
  const outputs = compositions[node.kernel]?.(given, node.attributes) ?? runKernel(node.kernel, given, node.attributes)
  return node.outputs.map((value, index) => {
    const tensor = outputs[index] as Tensor
    if (tensor.dtype !== value.dtype || tensor.shape.join() !== value.shape.join())
      throw new Error(
        `${node.kernel} at ${node.source} gives ${tensor.dtype}[${tensor.shape}], but was traced as ${value.dtype}[${value.shape}]`,
      )
    return tensor
  })
}

/** Computes one node on given tensors, for passes that compute ahead. */
export function evaluate(node: Node, inputs: readonly HostTensor[]): HostTensor[] {
  const before = tf.getBackend()
  tf.setBackend('cpu')
  const results: HostTensor[] = []
  try {
    tf.tidy(() => {
      const given = inputs.map(({ data, shape, dtype }) => tf.tensor(data, [...shape], dtype))
      results.push(...compute(node, given).map(hostTensor))
    })
  } finally {
    tf.setBackend(before)
  }
  return results
}

function runKernel(kernel: string, inputs: Tensor[], attributes: Record<string, Attribute>): Tensor[] {
  const order = { ...kernelRules, ...ownRules }[kernel]?.inputs ?? 'list'
  const named = Object.fromEntries(
    inputs.map((tensor, index) => [order === 'list' ? String(index) : (order[index] as string), tensor]),
  )
  const result = tf.engine().runKernel(kernel, order === 'list' ? (inputs as never) : named, attributes as NamedAttrMap)
  return Array.isArray(result) ? result : [result as Tensor]
}
