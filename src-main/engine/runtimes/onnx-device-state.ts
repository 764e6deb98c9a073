import * as ort from 'onnxruntime-node'
import type { FrozenWeights } from '../frozen/frozen-weights.ts'
import type { Data, Dtype } from '../ir.ts'
import { OnnxBuilder } from '../onnx-builder.ts'
import { fromOrt, type OnnxState, ortType, toOrt } from './onnx-state.ts'
import { checkInput, copyOf, Entries, type EntryType, entryOf, type HostTensor } from './runtime.ts'

/** Where onnxruntime-node keeps a tensor that stays on the WebGPU device; no other provider of it has such tensors. */
const DEVICE = 'gpu-buffer'
type Place = 'cpu' | typeof DEVICE

const onProcessor = (tensors: Record<string, HostTensor>): Map<string, ort.Tensor> =>
  new Map(Object.entries(tensors).map(([name, tensor]) => [name, toOrt(copyOf(tensor))]))

/**
 * A state on the WebGPU device. A step's outputs stay there and are the next step's inputs; the buffers that they replace
 * are given back at once. onnxruntime-node can neither fill such a buffer nor read it (`Tensor.getData` ends the process),
 * so copies in either direction are sessions of a single Identity.
 */
export class DeviceState implements OnnxState {
  readonly onDevice = true
  readonly #entries: Entries<ort.Tensor>
  readonly #copies = new Map<string, Promise<ort.InferenceSession>>()
  readonly #providers: ort.InferenceSession.ExecutionProviderConfig[]

  constructor(
    initial: Record<string, HostTensor>,
    providers: ort.InferenceSession.ExecutionProviderConfig[],
    frozen?: FrozenWeights,
  ) {
    this.#providers = providers
    this.#entries = new Entries(onProcessor(initial), ortType, frozen)
  }

  get frozen(): FrozenWeights | null {
    return this.#entries.frozen
  }
  names = (): string[] => this.#entries.names()
  typeOf = (name: string): EntryType => this.#entries.typeOf(name)
  current = (name: string): ort.Tensor => entryOf(this.#entries.held, name)

  async place(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const entry = this.current(name)
      if (entry.location === 'cpu') this.#entries.held.set(name, await this.#copy(entry, DEVICE))
    }
  }

  async read(name: string): Promise<HostTensor> {
    const frozen = this.#entries.readFrozen(name)
    if (frozen) return frozen
    const entry = this.current(name)
    return entry.location === 'cpu' ? copyOf(fromOrt(entry)) : fromOrt(await this.#copy(entry, 'cpu'))
  }

  /** The entry goes to the device when a program next reads it. */
  async write(name: string, tensor: HostTensor): Promise<void> {
    const { shape, dtype } = ortType(this.#entries.writable(name))
    checkInput(name, tensor, shape, dtype)
    this.advance(name, toOrt({ shape, dtype, data: tensor.data.slice() as Data }))
  }

  /** They go to the device when a program first reads them. */
  add = (entries: Record<string, HostTensor>): void => this.#entries.add(onProcessor(entries))
  remove(names: readonly string[]): void {
    for (const gone of this.#entries.remove(names)) if (gone.location === DEVICE) gone.dispose()
  }

  target = (): null => null
  advance(name: string, written: ort.Tensor): void {
    const before = this.current(name)
    this.#entries.held.set(name, written)
    if (before.location === DEVICE) before.dispose()
  }

  async #copy(tensor: ort.Tensor, to: Place): Promise<ort.Tensor> {
    const key = `${tensor.type} ${to}`
    let session = this.#copies.get(key)
    if (!session) {
      session = this.#copySession(tensor.type as Dtype, to)
      this.#copies.set(key, session)
    }
    const { copy } = await (await session).run({ tensor })
    return copy as ort.Tensor
  }

  #copySession(dtype: Dtype, to: Place): Promise<ort.InferenceSession> {
    const onnx = new OnnxBuilder()
    onnx.input('tensor', null, dtype)
    onnx.output('copy', 'tensor', null, dtype)
    return ort.InferenceSession.create(onnx.encode(`copy to ${to}`), {
      executionProviders: this.#providers,
      preferredOutputLocation: to,
    })
  }
}
