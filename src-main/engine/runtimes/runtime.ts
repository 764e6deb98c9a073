import type { Data, Dtype, Graph } from '../ir.ts'

/** A tensor in this process's own memory. */
export interface HostTensor {
  shape: readonly number[]
  dtype: Dtype
  data: Data
}

/**
 * A compiled graph. Inputs named in the state are read from it; outputs named `state:<name>` are written back to it;
 * every other input comes from the caller and every other output goes to them.
 */
export interface Program {
  run(inputs: Record<string, HostTensor>): Promise<Record<string, HostTensor>>
  dispose(): Promise<void>
}

/** Named tensors that stay with the runtime between steps, shared by all programs made over them. */
export interface State {
  names(): string[]
  read(name: string): HostTensor
  write(name: string, tensor: HostTensor): void
}

export interface Runtime {
  readonly name: string
  createState(initial: Record<string, HostTensor>): State
  load(graph: Graph, name: string, state: State): Promise<Program>
}

/** Prefix of the outputs that replace an entry of the state. */
export const STATE_PREFIX = 'state:'

/** @throws Error naming the input, what it is and what it should be */
export function checkInput(
  name: string,
  got: HostTensor | undefined,
  shape: readonly number[],
  dtype: Dtype,
): HostTensor {
  const wanted = `${dtype}[${shape}]`
  if (!got) throw new Error(`input "${name}" is missing; the program wants ${wanted}`)
  if (got.dtype !== dtype || got.shape.length !== shape.length || got.shape.some((size, axis) => size !== shape[axis]))
    throw new Error(`input "${name}" is ${got.dtype}[${got.shape}], but the program was compiled for ${wanted}`)
  return got
}

export const float32 = (data: Float32Array, shape: readonly number[]): HostTensor => ({ data, shape, dtype: 'float32' })
export const int32 = (data: Int32Array, shape: readonly number[]): HostTensor => ({ data, shape, dtype: 'int32' })
export const scalar = (value: number): HostTensor => float32(Float32Array.of(value), [])

/** An output's float32 data. @throws Error if the program has no such output of that type */
export function floats(outputs: Readonly<Record<string, HostTensor>>, name: string): Float32Array {
  const data = outputs[name]?.data
  if (data instanceof Float32Array) return data
  throw new Error(`the program has no float32 output "${name}"; it has ${Object.keys(outputs).join(', ')}`)
}

/** An output's int32 data. @throws Error if the program has no such output of that type */
export function ints(outputs: Readonly<Record<string, HostTensor>>, name: string): Int32Array {
  const data = outputs[name]?.data
  if (data instanceof Int32Array) return data
  throw new Error(`the program has no int32 output "${name}"; it has ${Object.keys(outputs).join(', ')}`)
}

/** An output of one number. */
export const number = (outputs: Readonly<Record<string, HostTensor>>, name: string): number =>
  floats(outputs, name)[0] as number
