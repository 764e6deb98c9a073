import type { FrozenWeights } from '../frozen/frozen-weights.ts'
import type { Dtype, Graph, Value } from '../ir.ts'
import { simplifyAndFuse } from '../passes/optimise.ts'
import { loadTensorflow, type TensorflowAddon, TF_TYPE } from '../tensorflow/addon.ts'
import type { Computation } from '../tensorflow/computation.ts'
import { EagerCalls } from '../tensorflow/eager.ts'
import { GraphSession } from '../tensorflow/graph-session.ts'
import type { TensorflowInstallation } from '../tensorflow/installation.ts'
import { lowerToTensorflow } from '../tensorflow/lower.ts'
import {
  checkInput,
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

export interface TensorflowOptions {
  installation: TensorflowInstallation
  /** Threads of one operation; 0: all cores. */
  threads: number
  /**
   * eager: one operation after the other, so that nothing leaves the device. graph: the whole step at once, with
   * TensorFlow's own passes over it; inputs and state pass through the processor's memory. Without one: graph on a
   * processor, where both share their memory, eager on a GPU.
   */
  mode?: 'eager' | 'graph'
}

/** TensorFlow in this process. @throws TensorflowUnavailableError */
export function tensorflowRuntime(options: TensorflowOptions): Runtime {
  const addon = loadTensorflow(options.installation, options.threads)
  const mode = options.mode ?? (addon.isUsingGpuDevice() ? 'eager' : 'graph')
  return {
    name: 'tensorflow',
    createState: (initial, frozen) => new TensorflowState(addon, initial, frozen),
    load: async (graph, _name, state) => {
      await (state as TensorflowState).widen(graph.inputs.map(({ name }) => name))
      const optimised = simplifyAndFuse(graph)
      const calls = lowerToTensorflow(optimised)
      const computation = mode === 'eager' ? new EagerCalls(addon, calls) : new GraphSession(addon, calls)
      return new TensorflowProgram(addon, computation, optimised, state as TensorflowState)
    },
  }
}

/** TensorFlow shares an array's memory, so it gets one of its own. */
const place = (addon: TensorflowAddon, { shape, dtype, data }: HostTensor): number =>
  addon.createTensor(shape, TF_TYPE[dtype], data.slice() as typeof data)

interface Entry extends EntryType {
  tensor: number
}

const entriesOf = (addon: TensorflowAddon, tensors: Record<string, HostTensor>): Map<string, Entry> =>
  new Map(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      { shape: [...tensor.shape], dtype: tensor.dtype, tensor: place(addon, tensor) },
    ]),
  )

class TensorflowState implements State {
  readonly #addon: TensorflowAddon
  readonly #entries: Entries<Entry>
  /** Frozen weights that programs read. */
  readonly #widened = new Map<string, number>()

  constructor(addon: TensorflowAddon, initial: Record<string, HostTensor>, frozen?: FrozenWeights) {
    this.#addon = addon
    this.#entries = new Entries(entriesOf(addon, initial), (entry) => entry, frozen)
  }

  get frozen(): FrozenWeights | null {
    return this.#entries.frozen
  }
  names = (): string[] => this.#entries.names()
  typeOf = (name: string): EntryType => this.#entries.typeOf(name)
  tensor = (name: string): number | undefined => this.#entries.held.get(name)?.tensor ?? this.#widened.get(name)

  /** Brings the frozen ones among these names to the device. */
  async widen(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const weight = this.#widened.has(name) ? null : this.#entries.readFrozen(name)
      if (weight) this.#widened.set(name, place(this.#addon, await weight))
    }
  }

  async read(name: string): Promise<HostTensor> {
    const frozen = this.#entries.readFrozen(name)
    if (frozen) return frozen
    const { shape, dtype, tensor } = entryOf(this.#entries.held, name)
    return { shape, dtype, data: this.#addon.tensorDataSync(tensor) }
  }

  async write(name: string, given: HostTensor): Promise<void> {
    const { shape, dtype } = this.#entries.writable(name)
    this.replace(name, place(this.#addon, checkInput(name, given, shape, dtype)))
  }

  add = (entries: Record<string, HostTensor>): void => this.#entries.add(entriesOf(this.#addon, entries))
  remove(names: readonly string[]): void {
    for (const { tensor } of this.#entries.remove(names)) this.#addon.deleteTensor(tensor)
  }

  /** Takes the tensor over and lets the old one go. */
  replace(name: string, tensor: number): void {
    const entry = entryOf(this.#entries.held, name)
    this.#addon.deleteTensor(entry.tensor)
    entry.tensor = tensor
  }
}

class TensorflowProgram implements Program {
  readonly #addon: TensorflowAddon
  readonly #computation: Computation
  readonly #state: TensorflowState
  /** Inputs that come from the caller. */
  readonly #inputs: { name: string; value: Value }[]
  readonly #read: string[]
  readonly #outputs: { name: string; dtype: Dtype; shape: readonly number[] }[]
  readonly #written: ReturnType<typeof replacedEntries>

  constructor(addon: TensorflowAddon, computation: Computation, graph: Graph, state: TensorflowState) {
    this.#addon = addon
    this.#computation = computation
    this.#state = state
    this.#written = replacedEntries(graph, state)
    const held = new Set(state.names())
    this.#inputs = graph.inputs.filter(({ name }) => !held.has(name))
    this.#read = computation.reads.filter((name) => held.has(name))
    this.#outputs = graph.outputs
      .filter(({ name }) => !name.startsWith(STATE_PREFIX))
      .map(({ name, value: { dtype, shape } }) => ({ name, dtype, shape }))
  }

  async run(inputs: Record<string, HostTensor>): Promise<Record<string, HostTensor>> {
    const tensors = new Map<string, number>()
    const placed: number[] = []
    let results: Map<string, number>
    try {
      for (const { name, value } of this.#inputs) {
        const tensor = place(this.#addon, checkInput(name, inputs[name], value.shape, value.dtype))
        placed.push(tensor)
        tensors.set(name, tensor)
      }
      for (const name of this.#read) tensors.set(name, this.#state.tensor(name) as number)
      results = this.#computation.run(tensors)
    } finally {
      for (const tensor of placed) this.#addon.deleteTensor(tensor)
    }
    for (const { output, entry } of this.#written) this.#state.replace(entry, results.get(output) as number)
    const outputs: Record<string, HostTensor> = {}
    for (const { name, dtype, shape } of this.#outputs) {
      const tensor = results.get(name) as number
      outputs[name] = { dtype, shape, data: this.#addon.tensorDataSync(tensor) }
      this.#addon.deleteTensor(tensor)
    }
    return outputs
  }

  async dispose(): Promise<void> {
    this.#computation.dispose()
  }
}
