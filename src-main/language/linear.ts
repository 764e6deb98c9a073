import { type Parameters, parameter } from '../engine/parameters.ts'
import { type Tensor, tf } from '../engine/tf.ts'

/** Names of the low-rank adapter (lora.ts) a linear layer such as "layer0.q". */
export const loraA = (name: string): string => `${name}.lora_a`
export const loraB = (name: string): string => `${name}.lora_b`

/** x Wᵀ. @param x [rows, in]; weight [out, in] */
export const linear = (x: Tensor, weight: Tensor): Tensor =>
  tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D, false, true)

/**
 * A linear layer with its adapter, if there is one.
 * @param x [rows, in]
 * @throws Error if there is an adapter and no α for it
 */
export function adaptedLinear(parameters: Parameters, name: string, x: Tensor, alpha?: number): Tensor {
  const y = linear(x, parameter(parameters, name))
  const a = parameters[loraA(name)]
  if (!a) return y
  if (alpha === undefined) throw new Error(`"${loraA(name)}" is given, but no loraAlpha in the model's shape`)
  const low = tf.mul(linear(x, a), alpha / (a.shape[0] as number))
  return tf.add(y, linear(low, parameter(parameters, loraB(name))))
}
