import * as ort from 'onnxruntime-node'
import type { FrozenWeights } from '../frozen/frozen-weights.ts'
import { type Data, type Dtype, sizeOf, type Value, zerosOf } from '../ir.ts'
import { checkInput, copyOf, Entries, type EntryType, entryOf, type HostTensor, type State } from './runtime.ts'

/** A state as onnxruntime's programs use it. */
export interface OnnxState extends State {
  /** Whether a program's outputs that replace entries stay on the device. */
  readonly onDevice: boolean
  /** Brings entries to where programs read them. */
  place(names: readonly string[]): Promise<void>
  /** What a step reads. */
  current(name: string): ort.Tensor
  /** Where a step writes the entry's next value, or null if the runtime makes a new buffer for it. */
  target(name: string, value: Value): ort.Tensor | null
  /** The entry takes the value that a step has written. */
  advance(name: string, written: ort.Tensor): void
}

export const toOrt = ({ dtype, data, shape }: HostTensor): ort.Tensor =>
  new ort.Tensor(dtype, data as never, [...shape])
export const fromOrt = (tensor: ort.Tensor): HostTensor => ({
  dtype: tensor.type as Dtype,
  data: tensor.data as Data,
  shape: tensor.dims,
})
export const ortType = ({ dims, type }: ort.Tensor): EntryType => ({ shape: dims, dtype: type as Dtype })
const allocate = ({ dtype, shape }: Value): ort.Tensor => toOrt({ dtype, shape, data: zerosOf(dtype, sizeOf(shape)) })

interface Buffers {
  current: ort.Tensor
  spare: ort.Tensor | null
}

const buffersOf = (tensors: Record<string, HostTensor>): Map<string, Buffers> =>
  new Map(Object.entries(tensors).map(([name, tensor]) => [name, { current: toOrt(copyOf(tensor)), spare: null }]))

/**
 * A state in this process's memory. Each entry has two buffers: a step reads one and writes the other, then they change
 * places. So a training loop allocates nothing, and a step that fails leaves the state as it was.
 */
export class HostState implements OnnxState {
  readonly onDevice = false
  readonly #entries: Entries<Buffers>

  constructor(initial: Record<string, HostTensor>, frozen?: FrozenWeights) {
    this.#entries = new Entries(buffersOf(initial), ({ current }) => ortType(current), frozen)
  }

  get frozen(): FrozenWeights | null {
    return this.#entries.frozen
  }
  names = (): string[] => this.#entries.names()
  typeOf = (name: string): EntryType => this.#entries.typeOf(name)
  place = async () => {}
  current = (name: string): ort.Tensor => entryOf(this.#entries.held, name).current
  read = async (name: string): Promise<HostTensor> =>
    this.#entries.readFrozen(name) ?? copyOf(fromOrt(this.current(name)))
  async write(name: string, tensor: HostTensor): Promise<void> {
    const { current } = this.#entries.writable(name)
    checkInput(name, tensor, current.dims, current.type as Dtype)
    ;(current.data as Data).set(tensor.data)
  }
  add = (entries: Record<string, HostTensor>): void => this.#entries.add(buffersOf(entries))
  remove(names: readonly string[]): void {
    this.#entries.remove(names)
  }
  target(name: string, value: Value): ort.Tensor {
    const entry = entryOf(this.#entries.held, name)
    entry.spare ??= allocate(value)
    return entry.spare
  }
  advance(name: string): void {
    const entry = entryOf(this.#entries.held, name)
    if (entry.spare) [entry.current, entry.spare] = [entry.spare, entry.current]
  }
}
