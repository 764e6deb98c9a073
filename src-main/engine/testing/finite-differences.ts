import { compile } from '../compile.ts'
import { valueAndGradients } from '../gradients.ts'
import type { Graph, Node } from '../ir.ts'
import { eliminateDeadCode } from '../passes/dead-code.ts'
import { onnxRuntime } from '../runtimes/onnx.ts'
import { float32, floats, type HostTensor } from '../runtimes/runtime.ts'
import { type Tensor, tf } from '../tf.ts'
import { type Traced, trace } from '../trace.ts'
import { randomFloats, specsOf } from './programs.ts'

/** A function of tensors, with numbers to compare its traced gradients with difference quotients at. */
export interface DifferentiableCase {
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

/** The kernel calls that a case's gradients depend on, forward and backward. */
export function kernelsOf(checked: DifferentiableCase): Node[] {
  const y = trace((tensors) => ({ y: checked.compute(tensors) }), specsOf(checked.inputs)).outputs[0]?.value
  const all = { ...specsOf(checked.inputs), [PROBE]: { shape: y?.shape ?? [] } }
  return eliminateDeadCode(trace(backward(checked), all)).nodes
}

/** Inputs of forward kernels that a gradient flows into in a case, as "Kernel.input". */
export function differentiatedInputs(
  { by, inputs, compute }: DifferentiableCase,
  orderOf: (kernel: string) => readonly string[] | 'list' | undefined,
): Set<string> {
  const graph: Graph = trace((tensors) => ({ y: compute(tensors) }), specsOf(inputs))
  const flowing = new Set(graph.inputs.filter(({ name }) => by.includes(name)).map(({ value }) => value.id))
  const met = new Set<string>()
  for (const node of graph.nodes) {
    const order = orderOf(node.kernel)
    for (const [index, value] of node.inputs.entries()) {
      if (!flowing.has(value.id)) continue
      met.add(`${node.kernel}.${order === 'list' || !order ? index : order[index]}`)
      for (const output of node.outputs) flowing.add(output.id)
    }
  }
  return met
}
