import { parameter } from '../engine/parameters.ts'
import { type HostTensor, int32 } from '../engine/runtimes/runtime.ts'
import type { Tensor } from '../engine/tf.ts'
import type { Spec } from '../engine/trace.ts'
import type { PriorShape } from './prior.ts'

/** Before the names of a prior's parameters in a state. */
export const PRIOR = 'prior'

const codesOf = (layer: number): string => `codes.${layer}`

/** Inputs that code maps of a batch are given by. */
export const codeSpecs = ({ sides }: PriorShape, batch: number): Record<string, Spec> =>
  Object.fromEntries(sides.map((side, layer) => [codesOf(layer), { shape: [batch, side, side], dtype: 'int32' }]))

export const codeInputs = (tensors: Readonly<Record<string, Tensor>>, { sides }: PriorShape): Tensor[] =>
  sides.map((_, layer) => parameter(tensors, codesOf(layer)))

/** @param maps per layer int32 [B · h · w] */
export const codeTensors = (
  { sides }: PriorShape,
  maps: readonly Int32Array[],
  batch: number,
): Record<string, HostTensor> =>
  Object.fromEntries(
    sides.map((side, layer) => [codesOf(layer), int32(maps[layer] as Int32Array, [batch, side, side])]),
  )
