import { compile } from '../engine/compile.ts'
import { MASKED_SCORE } from '../engine/operations/attention.ts'
import { branch, parameter } from '../engine/parameters.ts'
import { type LazyProgram, lazyProgram } from '../engine/runtimes/lazy-program.ts'
import {
  float32,
  floats,
  type HostTensor,
  int32,
  type Program,
  type Runtime,
  STATE_PREFIX,
  type State,
} from '../engine/runtimes/runtime.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import type { Spec } from '../engine/trace.ts'
import { codeInputs, codeSpecs, codeTensors, PRIOR } from './code-inputs.ts'
import { createPrior } from './create-prior.ts'
import type { Draw, PriorShape } from './prior.ts'
import { stackStep } from './stack.ts'

const SAMPLER = 'sampler'
const keysOf = (layer: number): string => `${SAMPLER}.keys.${layer}`
const valuesOf = (layer: number): string => `${SAMPLER}.values.${layer}`
const BODY = `${SAMPLER}.body`

/** Entries of a state that drawing needs beside the prior's parameters: what the body keeps of each position. */
export function drawingEntries(shape: PriorShape, rows: number): Record<string, HostTensor> {
  const { width, heads, layers } = shape
  const { positions } = createPrior(shape)
  const zeros = (...of: number[]) => float32(new Float32Array(of.reduce((product, size) => product * size, 1)), of)
  const entries: Record<string, HostTensor> = { [BODY]: zeros(rows, width) }
  for (let layer = 0; layer < layers; layer++)
    for (const name of [keysOf(layer), valuesOf(layer)]) entries[name] = zeros(rows, heads, positions, width / heads)
  return entries
}

/** True for the entries of `drawingEntries`, which no checkpoint needs. */
export const isDrawingEntry = (name: string): boolean => name.startsWith(`${SAMPLER}.`)

/** Logits of one draw after the other, over all rows. */
export interface CachedDraws {
  /**
   * Draws come in the prior's order, and begin anew with the first.
   * @param maps code maps so far, per layer int32 [rows · h · w]; codes to come may be any
   * @param classes int32 [rows]
   * @returns [rows · places of the draw, codes of the layer]
   */
  logits(draw: Draw, maps: readonly Int32Array[], classes: Int32Array): Promise<Float32Array>
  dispose(): Promise<void>
}

/**
 * The body goes over each position once, with a cache of keys and values; what comes after it is computed for each draw.
 * @param state with the prior's parameters, `prior.*`, and `drawingEntries`
 */
export function cachedDraws(runtime: Runtime, state: State, shape: PriorShape, rows: number): CachedDraws {
  const prior = createPrior(shape)
  const { positions } = prior
  const parameters = state.names().filter((name) => name.startsWith(`${PRIOR}.`))
  const at: Record<string, Spec> = { at: { shape: [rows], dtype: 'int32' } }
  const codes = codeSpecs(shape, rows)

  const body = lazyProgram(() => {
    const inputs: Record<string, Spec> = {
      ...{ ...codes, ...at, classes: { shape: [rows], dtype: 'int32' } },
      ...{ here: { shape: [1, 1, positions, 1] }, mask: { shape: [1, 1, 1, positions] } },
    }
    const reads = [...parameters, ...state.names().filter(isDrawingEntry)]
    return compile(runtime, state, 'position of a prior', inputs, reads, (tensors) => bodyStep(tensors))
  })
  function bodyStep(tensors: Record<string, Tensor>): Record<string, Tensor> {
    const own = branch(tensors, PRIOR)
    const read = prior.read(own, codeInputs(tensors, shape), parameter(tensors, 'classes'))
    const flat = tf.reshape(read, [rows * positions, shape.width])
    const caches = Array.from({ length: shape.layers }, (_, layer) => ({
      keys: parameter(tensors, keysOf(layer)),
      values: parameter(tensors, valuesOf(layer)),
    }))
    const position = { here: parameter(tensors, 'here'), mask: parameter(tensors, 'mask') }
    const x = tf.gather(flat, parameter(tensors, 'at') as tf.Tensor1D)
    const step = stackStep(branch(own, 'body'), x, shape, caches, position)
    const next: Record<string, Tensor> = { [STATE_PREFIX + BODY]: step.x }
    for (const [layer, { keys, values }] of step.caches.entries()) {
      next[STATE_PREFIX + keysOf(layer)] = keys
      next[STATE_PREFIX + valuesOf(layer)] = values
    }
    return next
  }

  const heads: LazyProgram[] = shape.sides.map((_, layer) =>
    lazyProgram(() =>
      compile(runtime, state, `draw of layer ${layer}`, { ...codes, ...at }, [...parameters, BODY], (tensors) => {
        const own = branch(tensors, PRIOR)
        const read = codeInputs(tensors, shape)
        const predicted = prior.predict(own, read, parameter(tensors, BODY), parameter(tensors, 'at'))
        return { logits: prior.logits(own, layer, predicted[layer] as Tensor) }
      }),
    ),
  )

  const [first] = prior.draws as [Draw]
  const isFirst = ({ layer, position }: Draw): boolean => layer === first.layer && position === first.position
  let reached = -1
  async function moveTo(position: number, inputs: Record<string, HostTensor>): Promise<void> {
    const [here, mask] = [new Float32Array(positions), new Float32Array(positions)]
    here[position] = 1
    mask.fill(MASKED_SCORE, position + 1)
    await body.run({
      ...inputs,
      here: float32(here, [1, 1, positions, 1]),
      mask: float32(mask, [1, 1, 1, positions]),
    })
    reached = position
  }

  return {
    async logits(draw, maps, classes) {
      const { layer, position } = draw
      const given = {
        ...codeTensors(shape, maps, rows),
        at: int32(
          Int32Array.from({ length: rows }, (_, row) => row * positions + position),
          [rows],
        ),
      }
      if (isFirst(draw) || position !== reached) await moveTo(position, { ...given, classes: int32(classes, [rows]) })
      return floats(await (heads[layer] as Program).run(given), 'logits')
    },
    async dispose() {
      for (const program of [body, ...heads]) await program.dispose()
    },
  }
}
