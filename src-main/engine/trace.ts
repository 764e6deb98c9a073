import { EngineError, MissingOperationError } from './errors.ts'
import { type Attribute, type Data, type Dtype, type Graph, type Node, type Value, ValueFactory } from './ir.ts'
import { releaseKept } from './kept-tensors.ts'
import { type KernelRule, kernelRules } from './kernels.ts'
import { ownRules } from './operations/registry.ts'
import { type DataId, type NamedAttrMap, type NamedTensorInfoMap, type Tensor, type TensorInfo, tf } from './tf.ts'

/** Shape and type of one input of a traced function. */
export interface Spec {
  shape: readonly number[]
  dtype?: Dtype
}
export type Traced = (inputs: Record<string, Tensor>) => Record<string, Tensor>

/** A TF.js kernel that the engine does not know, and the model line that asked for it. */
export class UnknownKernelError extends MissingOperationError {
  override name = 'UnknownKernelError'
  readonly kernel: string
  readonly source: string
  constructor(kernel: string, source: string) {
    super(
      `the engine does not know the TensorFlow.js kernel "${kernel}", called at ${source}; ` +
        'write the line with known operations, or add a rule in engine/kernels.ts and a lowering in engine/lowerings/',
    )
    this.kernel = kernel
    this.source = source
  }
}

/** A kernel that refused its inputs (shapes that do not fit), with the model line. */
export class TraceError extends EngineError {
  override name = 'TraceError'
}

interface Entry {
  value: Value | null
  data: Data | null
  shape: readonly number[]
  dtype: Dtype
  references: number
}

/** First stack frame outside of TensorFlow.js and the engine: the model line. */
export function modelLine(stack: string | undefined): string {
  for (const line of (stack ?? '').split('\n').slice(1)) {
    if (/node_modules|node:internal|[\\/]engine[\\/](?!.*\.test\.)/.test(line)) continue
    const found = /\(?((?:file:\/\/)?[^()\s]+:\d+):\d+\)?$/.exec(line.trim())
    if (found?.[1]) return found[1].replace(/^file:\/\//, '').replace(/^.*[\\/](src-main|test|out)[\\/]/, '$1/')
  }
  return ''
}

/** A TF.js backend whose kernels record instead of compute. One graph is recorded at a time. */
class TracingBackend extends tf.KernelBackend {
  readonly data = new Map<object, Entry>()
  graph: Graph | null = null
  #values = new ValueFactory()

  begin(): Graph {
    this.graph = { inputs: [], constants: [], nodes: [], outputs: [] }
    this.#values = new ValueFactory()
    return this.graph
  }

  end(): void {
    this.graph = null
    this.data.clear()
  }

  override timerAvailable = () => false
  override floatPrecision = (): 32 => 32
  override epsilon = () => 1e-7
  override numDataIds = () => this.data.size

  #store(entry: Omit<Entry, 'references'>): DataId {
    const id = {}
    this.data.set(id, { ...entry, references: 1 })
    return id
  }

  override write(values: Data, shape: number[], dtype: Dtype): DataId {
    return this.#store({ value: null, data: values, shape, dtype })
  }
  override move(id: DataId, values: Data, shape: number[], dtype: Dtype, references: number): void {
    this.data.set(id, { value: null, data: values, shape, dtype, references })
  }
  override refCount = (id: DataId): number => this.data.get(id)?.references ?? 0
  override incRef(id: DataId): void {
    const entry = this.data.get(id)
    if (entry) entry.references++
  }
  decRef(id: DataId): void {
    const entry = this.data.get(id)
    if (entry) entry.references--
  }
  override disposeData(id: DataId, force = false): boolean {
    const entry = this.data.get(id)
    if (!entry) return true
    entry.references--
    if (!force && entry.references > 0) return false
    this.data.delete(id)
    return true
  }
  override readSync(id: DataId): Data {
    const data = this.data.get(id)?.data
    if (!data)
      throw new TraceError(
        `model code reads a value while it is being traced, at ${modelLine(new Error().stack)}; only shapes are known then`,
      )
    return data
  }
  override read = async (id: DataId) => this.readSync(id)

  input(name: string, shape: readonly number[], dtype: Dtype): TensorInfo {
    const value = this.#values.create(shape, dtype)
    this.graph?.inputs.push({ name, value })
    return { dataId: this.#store({ value, data: null, shape, dtype }), shape: [...shape], dtype }
  }

  /** The IR value of a tensor; host data becomes a constant, or a Fill where all elements are equal. */
  override valueOf(info: TensorInfo): Value {
    const entry = this.data.get(info.dataId)
    if (!entry)
      throw new TraceError(
        `a tensor made outside of the traced function is used inside it, at ${modelLine(new Error().stack)}; pass it as an input`,
      )
    entry.value ??= this.#constant(entry)
    return entry.value
  }

  #constant(entry: Entry): Value {
    const graph = this.graph as Graph
    const raw = entry.data as ArrayLike<number>
    const first = raw[0]
    if (raw.length > 16 && Array.prototype.every.call(raw, (element: number) => element === first)) {
      const attributes = { shape: [...entry.shape], value: Number(first), dtype: entry.dtype }
      return this.#append('Fill', [], attributes, [{ shape: entry.shape, dtype: entry.dtype }], '')[0] as Value
    }
    const value = this.#values.create(entry.shape, entry.dtype)
    const data =
      entry.dtype === 'float32'
        ? Float32Array.from(raw)
        : entry.dtype === 'int32'
          ? Int32Array.from(raw)
          : Uint8Array.from(raw)
    graph.constants.push({ value, data })
    return value
  }

  #append(
    kernel: string,
    inputs: Value[],
    attributes: Record<string, Attribute>,
    types: { shape: readonly number[]; dtype: Dtype }[],
    source: string,
  ): Value[] {
    const outputs = types.map(({ shape, dtype }) => this.#values.create(shape, dtype))
    const node: Node = { kernel, inputs, attributes, outputs, source }
    ;(this.graph as Graph).nodes.push(node)
    return outputs
  }

  record(kernel: string, rule: KernelRule, named: NamedTensorInfoMap, attrs: NamedAttrMap): TensorInfo | TensorInfo[] {
    const source = modelLine(new Error().stack)
    if (!this.graph) throw new TraceError(`"${kernel}" called on the tracing backend outside of trace(), at ${source}`)
    const infos =
      rule.inputs === 'list'
        ? Object.values(named)
        : rule.inputs.map((name) => named[name]).filter((info) => info !== undefined)
    const inputs = infos.map((info) => this.valueOf(info as TensorInfo))
    const attributes = Object.fromEntries(Object.entries(attrs).filter(([, value]) => value !== undefined)) as Record<
      string,
      Attribute
    >
    let types: ReturnType<KernelRule['infer']>
    try {
      types = rule.infer(inputs, attributes)
    } catch (cause) {
      const shapes = inputs.map((input) => `[${input.shape}]`).join(', ')
      throw new TraceError(`${kernel} of ${shapes} at ${source}: ${(cause as Error).message}`, { cause })
    }
    const outputs = this.#append(kernel, inputs, attributes, types, source)
    const results = outputs.map((value) => ({
      dataId: this.#store({ value, data: null, shape: value.shape, dtype: value.dtype }),
      shape: [...value.shape],
      dtype: value.dtype,
    }))
    return results.length === 1 ? (results[0] as TensorInfo) : results
  }
}

const NAME = 'trace'
let tracer: TracingBackend | null = null

function backend(): TracingBackend {
  if (tracer) return tracer
  const made = new TracingBackend()
  tf.registerBackend(NAME, () => made, 0)
  for (const [kernelName, rule] of Object.entries({ ...kernelRules, ...ownRules }))
    tf.registerKernel({
      kernelName,
      backendName: NAME,
      kernelFunc: ({ inputs, attrs }) => made.record(kernelName, rule, inputs, attrs ?? {}),
    })
  tracer = made
  return made
}

const STACK_FRAMES = 60

/**
 * Runs `step` once on symbolic tensors and returns what it would compute.
 * @throws UnknownKernelError, TraceError naming the model line
 */
export function trace(step: Traced, specs: Record<string, Spec>): Graph {
  const recording = backend()
  const before = tf.getBackend()
  tf.setBackend(NAME)
  const graph = recording.begin()
  const engine = tf.engine()
  engine.startScope('trace')
  const { stackTraceLimit } = Error
  // Model code stands below many frames of TensorFlow.js.
  Error.stackTraceLimit = STACK_FRAMES
  try {
    const inputs: Record<string, Tensor> = {}
    for (const [name, { shape, dtype = 'float32' }] of Object.entries(specs))
      inputs[name] = engine.makeTensorFromTensorInfo(recording.input(name, shape, dtype))
    const outputs = step(inputs)
    for (const [name, tensor] of Object.entries(outputs)) graph.outputs.push({ name, value: recording.valueOf(tensor) })
  } catch (error) {
    throw explain(error)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    releaseKept()
    engine.endScope()
    recording.end()
    tf.setBackend(before || 'cpu')
  }
  return graph
}

/** The error with its model line, if it came out of TensorFlow.js; any other as it is. */
function explain(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof TraceError) return error
  const { message, stack } = error
  const unknown = /Kernel '(\w+)' not registered for backend/.exec(message)
  if (unknown?.[1]) return new UnknownKernelError(unknown[1], modelLine(stack))
  const noGradient = /gradient function not found for (\w+)/.exec(message)
  if (noGradient?.[1])
    return new TraceError(
      `"${noGradient[1]}" has no gradient, but a loss depends on it; stop the gradient or register one`,
      { cause: error },
    )
  const [thrown = ''] = (stack ?? '').split('\n').filter((line) => /^\s*at /.test(line))
  if (!/[\\/]@tensorflow[\\/]/.test(thrown)) return error
  return new TraceError(`${message.replace(/\.$/, '')}, at ${modelLine(stack)}`, { cause: error })
}
