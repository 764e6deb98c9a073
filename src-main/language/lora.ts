import { fanIn, type ParameterSpecs, zeros } from '../engine/initialise.ts'
import { parameter } from '../engine/parameters.ts'
import { float32, type HostTensor } from '../engine/runtimes/runtime.ts'
import { loraA, loraB } from './linear.ts'
import { type LlamaShape, llamaSpecs } from './llama.ts'

/**
 * Low-rank adapters (Hu et al. 2021): a linear layer W [out, in] becomes y = x Wᵀ + (α / r) · (x Aᵀ) Bᵀ with A [r, in] and
 * B [out, r] beside it, and only these are trained.
 */

/** Names in a block of the layers that can have one. */
export const LORA_TARGETS = ['q', 'k', 'v', 'o', 'gate', 'up', 'down'] as const
export type LoraTarget = (typeof LORA_TARGETS)[number]

/**
 * Parameters of the adapters of a model: A begins as a linear layer does, B at zero, so that training begins at the model.
 * @param options.targets layers of each block that are adapted
 */
export function loraSpecs(
  shape: LlamaShape,
  { rank, targets }: { rank: number; targets: readonly LoraTarget[] },
): ParameterSpecs {
  const adapters: ParameterSpecs = {}
  for (const [name, { shape: weight }] of Object.entries(llamaSpecs(shape, 0))) {
    const target = /^layer\d+\.(\w+)$/.exec(name)?.[1]
    if (!targets.some((each) => each === target)) continue
    const [outputs, inputs] = weight as [number, number]
    adapters[loraA(name)] = fanIn(inputs, rank, inputs)
    adapters[loraB(name)] = zeros(outputs, rank)
  }
  return adapters
}

/**
 * Weights with their adapters worked in, W + (α / r) · B A, and no adapters any more.
 * @param parameters of the model and its adapters; entries without an adapter are handed on as they are
 */
export function mergeLora(parameters: Readonly<Record<string, HostTensor>>, alpha: number): Record<string, HostTensor> {
  const merged: Record<string, HostTensor> = {}
  for (const [name, tensor] of Object.entries(parameters)) {
    if (name.endsWith('.lora_a') || name.endsWith('.lora_b')) continue
    const a = parameters[loraA(name)]
    merged[name] = a ? mergedWeight(tensor, a, parameter(parameters, loraB(name)), alpha) : tensor
  }
  return merged
}

function mergedWeight(weight: HostTensor, a: HostTensor, b: HostTensor, alpha: number): HostTensor {
  const [outputs, inputs] = weight.shape as [number, number]
  const rank = a.shape[0] as number
  const scale = alpha / rank
  const data = new Float32Array(weight.data.length)
  const row = new Float64Array(inputs)
  for (let output = 0; output < outputs; output++) {
    row.fill(0)
    for (let at = 0; at < rank; at++) {
      const factor = (b.data[output * rank + at] as number) * scale
      for (let input = 0; input < inputs; input++) row[input]! += factor * (a.data[at * inputs + input] as number)
    }
    for (let input = 0; input < inputs; input++)
      data[output * inputs + input] = (weight.data[output * inputs + input] as number) + (row[input] as number)
  }
  return float32(data, weight.shape)
}
