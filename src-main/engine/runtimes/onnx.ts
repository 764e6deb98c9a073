import { dirname } from 'node:path'
import type * as ort from 'onnxruntime-node'
import type { FrozenWeights } from '../frozen/frozen-weights.ts'
import type { Graph } from '../ir.ts'
import { lower } from '../lower.ts'
import { entriesInPlace } from '../passes/in-place.ts'
import { optimise } from '../passes/optimise.ts'
import { channelBlock } from './channel-block.ts'
import { createSession } from './graph-cache.ts'
import { DeviceState } from './onnx-device-state.ts'
import { explainOnnxError } from './onnx-errors.ts'
import { fromOrt, HostState, type OnnxState, toOrt } from './onnx-state.ts'
import type { OnnxProvider } from './providers.ts'
import { checkInput, type HostTensor, type Program, type Runtime, replacedEntries, STATE_PREFIX } from './runtime.ts'

export interface OnnxOptions {
  /** Threads of one operator on the processor; 0: all cores. */
  threads: number
  /** Where to compute; the processor unless told. */
  provider?: OnnxProvider
  /** Folder of graphs compiled before; without one, each is compiled anew. */
  cache?: string
  /** Prefix of a Chrome-trace profile written when the program is disposed. */
  profile?: string
}

/**
 * Nodes in the order of the trace, so that nothing is computed long before it is used: where blocks are computed again,
 * memory goes before all else, and a language model's step takes 4 % less memory and time. Elsewhere the order is left to
 * onnxruntime, whose own takes 6 % less memory for convolutional steps in the same time.
 */
const inOrderOfTrace = (graph: Graph): boolean =>
  graph.nodes.some(({ kernel }) => kernel === 'Barrier' || kernel === 'AttentionGrad')

/**
 * The embedded runtime: graphs are lowered to ONNX and run by onnxruntime. With WebGPU the state stays on the device. The
 * other devices' providers take it from this process's memory and give it back at every step, as onnxruntime-node has no
 * tensors on them.
 */
export function onnxRuntime(options: OnnxOptions): Runtime {
  const provider = options.provider ?? 'cpu'
  return {
    name: provider === 'cpu' ? 'onnx' : `onnx ${provider}`,
    createState: (initial, frozen) =>
      provider === 'webgpu' ? new DeviceState(initial, [webgpu], frozen) : new HostState(initial, frozen),
    load: async (graph, name, state) => {
      const optimised = optimise(graph)
      const cpu = provider === 'cpu'
      const target = { cpu, channelBlock: cpu ? await channelBlock() : 0 }
      const onnx = lower(optimised, target, undefined, state.frozen)
      const explain = (error: unknown) => explainOnnxError(error, name, optimised, provider)
      try {
        const session = await createSession(
          onnx.encode(name, '', inOrderOfTrace(optimised) ? 'latest first' : 'earliest first'),
          sessionOptions(options, optimised, onnx.namesOf(imprecise), state.frozen),
          options.cache,
        )
        return new OnnxProgram(session, optimised, state as OnnxState, explain, Boolean(options.profile))
      } catch (error) {
        throw explain(error)
      }
    },
  }
}

/**
 * Without bounds checks some shaders of onnxruntime 1.30 (met with fused operators around a strided convolution's gradient)
 * reach outside of their buffers, which ends the process on SwiftShader. The first session of a process decides.
 */
const webgpu = { name: 'webgpu', enableRobustness: true } as const

/** Whether a program replaces entries of the state, other than a cache that it writes in place. */
function trains(graph: Graph): boolean {
  const inPlace = entriesInPlace(graph)
  return graph.outputs.some(
    ({ name }) => name.startsWith(STATE_PREFIX) && !inPlace.has(name.slice(STATE_PREFIX.length)),
  )
}

/** Whether a program over frozen weights goes over many rows at once: a step or a loss, and not a word more of an answer. */
const overManyRows = (graph: Graph, frozen: FrozenWeights | null): boolean =>
  frozen !== null && entriesInPlace(graph).size === 0

/** WGSL promises sin and cos within 2^-11 only, and only near zero: they stay on the processor. */
const imprecise = ['Sin', 'Cos']

function sessionOptions(
  { threads, provider = 'cpu', profile }: OnnxOptions,
  graph: Graph,
  onProcessor: readonly string[],
  frozen: FrozenWeights | null,
) {
  const onDevice = Object.fromEntries(
    graph.outputs.map(({ name }) => [name, name.startsWith(STATE_PREFIX) ? 'gpu-buffer' : 'cpu'] as const),
  )
  return {
    executionProviders: [
      provider === 'webgpu'
        ? { ...webgpu, ...(onProcessor.length > 0 ? { forceCpuNodeNames: onProcessor } : {}) }
        : provider,
    ],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Its one block for all values of a run is up to two thirds larger than what is alive at any one time, and no faster.
    enableMemPattern: false,
    // Such programs stand side by side, one for each size of batch, and an arena keeps what each has ever needed: 13.4 GB
    // where 6.2 do, and no faster. Elsewhere it saves 6 to 9 % of the time.
    enableCpuMemArena: !overManyRows(graph, frozen),
    // Weights are read from there; those in 16 bits are to stay so, and not to be widened once and for all.
    ...(frozen
      ? {
          extra: {
            session: {
              model_external_initializers_file_folder_path: dirname(frozen.path),
              // A step over many rows gains nothing by packed weights, which would stand in memory twice: forward and back.
              ...(trains(graph) ? { disable_prepacking: '1' } : {}),
            },
            optimization: { disable_specified_optimizers: 'ConstantFolding' },
          },
        }
      : {}),
    // Else every session on a device warns of the shape arithmetic that stays on the processor.
    ...(provider === 'cpu' ? {} : { logSeverityLevel: 3 as const }),
    ...(provider === 'webgpu' ? { preferredOutputLocation: onDevice } : {}),
    ...(profile ? { enableProfiling: true, profileFilePrefix: profile } : {}),
  } satisfies ort.InferenceSession.SessionOptions
}

class OnnxProgram implements Program {
  readonly #session: ort.InferenceSession
  readonly #graph: Graph
  readonly #state: OnnxState
  readonly #explain: (error: unknown) => Error
  readonly #profiled: boolean
  readonly #read: readonly string[]
  /** Inputs that come from the caller. */
  readonly #fed: Graph['inputs']
  readonly #written: ReturnType<typeof replacedEntries>
  readonly #inPlace: ReadonlySet<string>

  constructor(
    session: ort.InferenceSession,
    graph: Graph,
    state: OnnxState,
    explain: (error: unknown) => Error,
    profiled: boolean,
  ) {
    this.#session = session
    this.#graph = graph
    this.#state = state
    this.#explain = explain
    this.#profiled = profiled
    const entries = new Set(state.names())
    const changing = graph.inputs.filter(({ name }) => !state.frozen?.tensors[name])
    this.#read = changing.map(({ name }) => name).filter((name) => entries.has(name))
    this.#fed = changing.filter(({ name }) => !entries.has(name))
    this.#written = replacedEntries(graph, state)
    // On a device the runtime gives a new buffer at each step.
    this.#inPlace = state.onDevice ? new Set() : entriesInPlace(graph)
  }

  async run(inputs: Record<string, HostTensor>): Promise<Record<string, HostTensor>> {
    const results = await this.#step(inputs).catch((error: unknown) => {
      throw this.#explain(error)
    })
    for (const { output, entry } of this.#written)
      if (!this.#inPlace.has(entry)) this.#state.advance(entry, results[output] as ort.Tensor)
    const outputs: Record<string, HostTensor> = {}
    for (const { name } of this.#graph.outputs)
      if (!name.startsWith(STATE_PREFIX)) outputs[name] = fromOrt(results[name] as ort.Tensor)
    return outputs
  }

  async #step(inputs: Record<string, HostTensor>): Promise<ort.InferenceSession.OnnxValueMapType> {
    await this.#state.place(this.#read)
    const feeds: Record<string, ort.Tensor> = {}
    for (const name of this.#read) feeds[name] = this.#state.current(name)
    for (const { name, value } of this.#fed)
      feeds[name] = toOrt(checkInput(name, inputs[name], value.shape, value.dtype))
    const fetches: Record<string, ort.Tensor | null> = {}
    for (const { name } of this.#graph.outputs) fetches[name] = null
    for (const { output, entry, value } of this.#written)
      fetches[output] = this.#inPlace.has(entry) ? this.#state.current(entry) : this.#state.target(entry, value)
    return this.#session.run(feeds, fetches)
  }

  async dispose(): Promise<void> {
    if (this.#profiled) this.#session.endProfiling()
    await this.#session.release()
  }
}
