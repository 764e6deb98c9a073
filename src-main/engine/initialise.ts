import { sizeOf } from './ir.ts'
import { float32, type HostTensor } from './runtimes/runtime.ts'

/** How a parameter begins. */
export type Initialiser =
  | { kind: 'constant'; value: number }
  | { kind: 'uniform'; bound: number }
  | { kind: 'normal'; deviation: number }
export interface ParameterSpec {
  shape: readonly number[]
  init: Initialiser
}
export type ParameterSpecs = Record<string, ParameterSpec>

/** Source of randomness, one independent stream per parameter name. */
export type RandomStream = (name: string) => { uniform(): number; normal(): number }

export const zeros = (...shape: number[]): ParameterSpec => ({ shape, init: { kind: 'constant', value: 0 } })
export const ones = (...shape: number[]): ParameterSpec => ({ shape, init: { kind: 'constant', value: 1 } })
/** U(−1/√fanIn, 1/√fanIn), the usual start of convolutions and linear layers. */
export const fanIn = (inputs: number, ...shape: number[]): ParameterSpec => ({
  shape,
  init: { kind: 'uniform', bound: 1 / Math.sqrt(inputs) },
})
export const gaussian = (deviation: number, ...shape: number[]): ParameterSpec => ({
  shape,
  init: { kind: 'normal', deviation },
})

/** Values of parameters; a parameter's values depend on its name and the stream alone, not on its neighbours. */
export function initialise(specs: ParameterSpecs, stream: RandomStream): Record<string, HostTensor> {
  const values: Record<string, HostTensor> = {}
  for (const [name, { shape, init }] of Object.entries(specs)) {
    const data = new Float32Array(sizeOf(shape))
    if (init.kind === 'constant') data.fill(init.value)
    else {
      const random = stream(name)
      for (let index = 0; index < data.length; index++)
        data[index] =
          init.kind === 'uniform' ? (2 * random.uniform() - 1) * init.bound : random.normal() * init.deviation
    }
    values[name] = float32(data, shape)
  }
  return values
}

export const countParameters = (specs: ParameterSpecs): number =>
  Object.values(specs).reduce((sum, { shape }) => sum + sizeOf(shape), 0)
