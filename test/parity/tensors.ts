import { float32, type HostTensor, int32 } from '../../src-main/engine/runtimes/runtime.ts'
import type { ReferenceTensor } from './reference.ts'

/** A tensor of a reference case as a program takes it, of another shape if given. */
export const hostTensor = (tensor: ReferenceTensor, shape: readonly number[] = tensor.shape): HostTensor =>
  tensor.numbers instanceof Float32Array ? float32(tensor.floats, shape) : int32(tensor.integers, shape)

/** One entry of the first axis, such as one step, as a program takes it; of another shape if given. */
export function hostStep(
  tensor: ReferenceTensor,
  step: number,
  shape: readonly number[] = tensor.shape.slice(1),
): HostTensor {
  const size = tensor.shape.slice(1).reduce((product, side) => product * side, 1)
  const data = tensor.numbers.slice(step * size, (step + 1) * size)
  return data instanceof Float32Array ? float32(data, shape) : int32(data, shape)
}

/** Outputs of successive steps, one after the other: [step, ...]. */
export function collect(steps: readonly Readonly<Record<string, HostTensor>>[], name: string): number[] {
  return steps.flatMap((outputs) => {
    const output = outputs[name]
    if (!output) throw new Error(`no output "${name}"; there are ${Object.keys(outputs).join(', ')}`)
    return Array.from(output.data)
  })
}
