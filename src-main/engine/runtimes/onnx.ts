import * as ort from 'onnxruntime-node'
import { type Data, type Dtype, type Graph, sizeOf, type Value } from '../ir.ts'
import { lowerToOnnx } from '../lower.ts'
import { optimise } from '../passes/optimise.ts'
import { channelBlock } from './channel-block.ts'
import {
  checkInput,
  copyOf,
  type EntryType,
  entryOf,
  type HostTensor,
  type Program,
  type Runtime,
  replacedEntries,
  STATE_PREFIX,
  type State,
} from './runtime.ts'

export interface OnnxOptions {
  /** Threads of one operator; 0: all cores. */
  threads: number
  /** Prefix of a Chrome-trace profile written when the program is disposed. */
  profile?: string
}

/** The embedded runtime: graphs are lowered to ONNX and run by onnxruntime on the processor. */
export const onnxRuntime = (options: OnnxOptions): Runtime => ({
  name: 'onnx',
  createState: (initial) => new OnnxState(initial),
  load: async (graph, name, state) => {
    const optimised = optimise(graph)
    const model = lowerToOnnx(optimised, name, '', { cpu: true, channelBlock: await channelBlock() })
    const session = await ort.InferenceSession.create(model, {
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      ...(options.profile ? { enableProfiling: true, profileFilePrefix: options.profile } : {}),
    })
    return new OnnxProgram(session, optimised, state as OnnxState, Boolean(options.profile))
  },
})

const toOrt = ({ dtype, data, shape }: HostTensor): ort.Tensor => new ort.Tensor(dtype, data as never, [...shape])
const fromOrt = (tensor: ort.Tensor): HostTensor => ({
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
 * Each entry has two buffers: a step reads one and writes the other, then they change places. So a training loop
 * allocates nothing, and a step that fails leaves the state as it was.
 */
class OnnxState implements State {
  readonly #entries = new Map<string, { current: ort.Tensor; spare: ort.Tensor | null }>()

  constructor(initial: Record<string, HostTensor>) {
    for (const [name, tensor] of Object.entries(initial))
      this.#entries.set(name, { current: toOrt(copyOf(tensor)), spare: null })
  }

  names = () => [...this.#entries.keys()]
  has = (name: string): boolean => this.#entries.has(name)

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
  spare(name: string, value: Value): ort.Tensor {
    const entry = entryOf(this.#entries, name)
    entry.spare ??= allocate(value)
    return entry.spare
  }
  swap(name: string): void {
    const entry = entryOf(this.#entries, name)
    if (entry.spare) [entry.current, entry.spare] = [entry.spare, entry.current]
  }
}

class OnnxProgram implements Program {
  readonly #session: ort.InferenceSession
  readonly #graph: Graph
  readonly #state: OnnxState
  readonly #profiled: boolean
  readonly #written: ReturnType<typeof replacedEntries>

  constructor(session: ort.InferenceSession, graph: Graph, state: OnnxState, profiled: boolean) {
    this.#session = session
    this.#graph = graph
    this.#state = state
    this.#profiled = profiled
    this.#written = replacedEntries(graph, state)
  }

  async run(inputs: Record<string, HostTensor>): Promise<Record<string, HostTensor>> {
    const feeds: Record<string, ort.Tensor> = {}
    for (const { name, value } of this.#graph.inputs)
      feeds[name] = this.#state.has(name)
        ? this.#state.current(name)
        : toOrt(checkInput(name, inputs[name], value.shape, value.dtype))
    const fetches: Record<string, ort.Tensor | null> = {}
    for (const { name } of this.#graph.outputs) fetches[name] = null
    for (const { output, entry, value } of this.#written) fetches[output] = this.#state.spare(entry, value)
    const results = await this.#session.run(feeds, fetches)
    for (const { entry } of this.#written) this.#state.swap(entry)
    const outputs: Record<string, HostTensor> = {}
    for (const { name } of this.#graph.outputs)
      if (!name.startsWith(STATE_PREFIX)) outputs[name] = fromOrt(results[name] as ort.Tensor)
    return outputs
  }

  async dispose(): Promise<void> {
    if (this.#profiled) this.#session.endProfiling()
    await this.#session.release()
  }
}
