import * as ort from 'onnxruntime-node'
import { type Data, type Dtype, sizeOf, type Value } from '../ir.ts'
import { checkInput, copyOf, type EntryType, entryOf, type HostTensor, type State } from './runtime.ts'

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
const allocate = (value: Value): ort.Tensor => {
  const size = sizeOf(value.shape)
  const data =
    value.dtype === 'float32'
      ? new Float32Array(size)
      : value.dtype === 'int32'
        ? new Int32Array(size)
        : new Uint8Array(size)
  return new ort.Tensor(value.dtype, data as never, [...value.shape])
}

/**
 * A state in this process's memory. Each entry has two buffers: a step reads one and writes the other, then they change
 * places. So a training loop allocates nothing, and a step that fails leaves the state as it was.
 */
export class HostState implements OnnxState {
  readonly onDevice = false
  readonly #entries = new Map<string, { current: ort.Tensor; spare: ort.Tensor | null }>()

  constructor(initial: Record<string, HostTensor>) {
    for (const [name, tensor] of Object.entries(initial))
      this.#entries.set(name, { current: toOrt(copyOf(tensor)), spare: null })
  }

  names = () => [...this.#entries.keys()]
  has = (name: string): boolean => this.#entries.has(name)
  place = async () => {}
  current = (name: string): ort.Tensor => entryOf(this.#entries, name).current
  typeOf(name: string): EntryType {
    const { dims, type } = this.current(name)
    return { shape: dims, dtype: type as Dtype }
  }
  read = async (name: string): Promise<HostTensor> => copyOf(fromOrt(this.current(name)))
  async write(name: string, tensor: HostTensor): Promise<void> {
    const current = this.current(name)
    checkInput(name, tensor, current.dims, current.type as Dtype)
    ;(current.data as Data).set(tensor.data)
  }
  target(name: string, value: Value): ort.Tensor {
    const entry = entryOf(this.#entries, name)
    entry.spare ??= allocate(value)
    return entry.spare
  }
  advance(name: string): void {
    const entry = entryOf(this.#entries, name)
    if (entry.spare) [entry.current, entry.spare] = [entry.spare, entry.current]
  }
}
