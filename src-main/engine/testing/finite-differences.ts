import { compile } from '../compile.ts'
import { valueAndGradients } from '../gradients.ts'
import { eliminateDeadCode } from '../passes/dead-code.ts'
import { onnxRuntime } from '../runtimes/onnx.ts'
import { float32, floats, type HostTensor } from '../runtimes/runtime.ts'
import { type Tensor, tf } from '../tf.ts'
import { type Traced, trace } from '../trace.ts'
import { randomFloats, specsOf } from './programs.ts'

/** A function of tensors, with numbers to compare its traced gradients with difference quotients at. */
export interface DifferentiableCase {
  /** What is special about it. */
  name?: string
  inputs: Record<string, HostTensor>
  /** Names of the inputs to differentiate by. */
  by: readonly string[]
  compute: (inputs: Record<string, Tensor>) => Tensor
  /** Of a slope, relative above 1 and absolute below; 2e-3 unless given. */
  tolerance?: number
  /** Width of half a difference; 4e-3 unless given. */
  step?: number
}

const PROBE = 'probe'

/** d(Σ y·probe)/dx for each x to differentiate by, as "d<x>". */
function backward({ by, compute }: DifferentiableCase): Traced {
  return (tensors) => {
    const parameters = Object.fromEntries(by.map((name) => [name, tensors[name] as Tensor]))
    const { gradients } = valueAndGradients(
      () => ({ loss: tf.sum(tf.mul(compute(tensors), tensors[PROBE] as Tensor)), aside: {} }),
      parameters,
    )
    return Object.fromEntries(by.map((name) => [`d${name}`, gradients[name] as Tensor]))
  }
}

/**
 * Compares the traced gradients of Σ y·probe with central differences, whose sums are taken in float64.
 * @throws Error naming the element whose gradient is not the slope
 */
export async function expectGradients(checked: DifferentiableCase): Promise<void> {
  const { inputs, by, compute, tolerance = 2e-3, step = 4e-3 } = checked
  const runtime = onnxRuntime({ threads: 2 })
  const none = runtime.createState({})
  const forward = await compile(runtime, none, 'forward', specsOf(inputs), [], (tensors) => ({ y: compute(tensors) }))
  const { y } = await forward.run(inputs)
  const probe = randomFloats(99, (y as HostTensor).shape)
  const all = { ...inputs, [PROBE]: probe }
  const program = await compile(runtime, none, 'backward', specsOf(all), [], backward(checked))
  const got = await program.run(all)
  const loss = async (name: string, data: Float32Array) => {
    const moved = await forward.run({ ...inputs, [name]: float32(data, inputs[name]?.shape ?? []) })
    return floats(moved, 'y').reduce((sum, value, at) => sum + value * (probe.data[at] as number), 0)
  }
  for (const name of by) {
    const { data } = inputs[name] as HostTensor
    const gradient = floats(got, `d${name}`)
    if (gradient.length !== data.length)
      throw new Error(`d${name} has ${gradient.length} elements, but ${name} has ${data.length}`)
    for (const [at, value] of data.entries()) {
      const [up, down] = [Float32Array.from(data), Float32Array.from(data)]
      up[at] = value + step
      down[at] = value - step
      const slope = ((await loss(name, up)) - (await loss(name, down))) / ((up[at] as number) - (down[at] as number))
      const allowed = tolerance * Math.max(1, Math.abs(slope))
      if (!(Math.abs((gradient[at] as number) - slope) <= allowed))
        throw new Error(`d${name}[${at}] is ${gradient[at]}, the difference quotient ${slope}`)
    }
  }
  await forward.dispose()
  await program.dispose()
}

/** What the gradients of a case go through. */
export interface Coverage {
  /** Kernels that the values or their gradients depend on. */
  kernels: Set<string>
  /** Inputs of kernels that some input to differentiate by flows into, as "Kernel.input". */
  differentiated: Set<string>
  /** Inputs of kernels by whole numbers or truth values, which have no slope, as "Kernel.input". */
  discrete: Set<string>
}

/** @param inputsOf names of a kernel's inputs in order; kernels that it does not know are passed over */
export function coverageOf(
  cases: readonly DifferentiableCase[],
  inputsOf: (kernel: string) => readonly string[] | undefined,
): Coverage {
  const coverage: Coverage = { kernels: new Set(), differentiated: new Set(), discrete: new Set() }
  for (const checked of cases) {
    const specs = specsOf(checked.inputs)
    const forward = trace((tensors) => ({ y: checked.compute(tensors) }), specs)
    const flowing = new Set(forward.inputs.flatMap(({ name, value }) => (checked.by.includes(name) ? [value.id] : [])))
    for (const node of forward.nodes) {
      const names = inputsOf(node.kernel)
      for (const [index, value] of node.inputs.entries()) {
        const name = `${node.kernel}.${names?.[index]}`
        if (names && value.dtype !== 'float32') coverage.discrete.add(name)
        if (!flowing.has(value.id)) continue
        if (names) coverage.differentiated.add(name)
        for (const output of node.outputs) flowing.add(output.id)
      }
    }
    const shape = forward.outputs[0]?.value.shape ?? []
    const graph = eliminateDeadCode(trace(backward(checked), { ...specs, [PROBE]: { shape } }))
    for (const { kernel } of [...eliminateDeadCode(forward).nodes, ...graph.nodes]) coverage.kernels.add(kernel)
  }
  return coverage
}
