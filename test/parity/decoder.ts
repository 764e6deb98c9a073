import { z } from 'zod'
import { compile } from '../../src-main/engine/compile.ts'
import { valueAndGradients } from '../../src-main/engine/gradients.ts'
import { IGNORED_LABEL, softmaxCrossEntropy } from '../../src-main/engine/operations/softmax-cross-entropy.ts'
import { parameter } from '../../src-main/engine/parameters.ts'
import {
  float32,
  floats,
  type HostTensor,
  int32,
  number,
  type Runtime,
  STATE_PREFIX,
  scalar,
} from '../../src-main/engine/runtimes/runtime.ts'
import type { Tensor } from '../../src-main/engine/tf.ts'
import { type LlamaShape, llama, type Padding } from '../../src-main/language/llama.ts'
import { HUGGING_FACE_NAMES, theirName } from '../../src-main/language/weights/llama-weights.ts'
import { openLlamaWeights } from '../../src-main/language/weights/open.ts'
import { adamUpdate, initialMoments, type UpdateInputs, updateInputs } from '../../src-main/training/optimizer.ts'
import type { ReferenceCase } from './reference.ts'

/** What the cases about the decoder share: its weights, its labels, its training and its greedy continuation. */

export interface Model {
  shape: LlamaShape
  vocabulary: number
  parameters: Record<string, HostTensor>
}

/** All weights of a model folder or file. */
export async function loadModel(path: string): Promise<Model> {
  const { shape, vocabulary, tensors, close } = await openLlamaWeights(path)
  const parameters: Record<string, HostTensor> = {}
  for (const [name, tensor] of Object.entries(tensors)) parameters[name] = float32(await tensor.read(), tensor.shape)
  await close()
  return { shape, vocabulary, parameters }
}

/** What the file calls one of our parameters. */
export const savedName = (ours: string): string => `${theirName(ours, HUGGING_FACE_NAMES)}.weight`

/** The label of a position is the token after it. */
export function shiftedLabels(reference: ReferenceCase): HostTensor {
  const { integers: labels, shape } = reference.input('labels')
  const length = shape[1] as number
  return int32(
    labels.map((_, at) => (at % length === length - 1 ? IGNORED_LABEL : (labels[at + 1] as number))),
    [labels.length],
  )
}

export const adamwSchema = z.object({
  lr: z.number(),
  betas: z.tuple([z.number(), z.number()]),
  eps: z.number(),
  weight_decay: z.number(),
})

export interface Training {
  logits: Float32Array
  /** Loss before each step. */
  losses: number[]
  /** Of the first step, by our names. */
  gradients: Record<string, Float32Array>
  /** Parameters after `steps − 1` updates: the last loss is the one that they give. */
  trained: Record<string, Float32Array>
}

/**
 * Takes AdamW steps on one batch, decay on every parameter.
 * @param trains which parameters are trained
 * @param steps how many losses are wanted; one update fewer is made
 */
export async function trainDecoder(
  runtime: Runtime,
  { shape, parameters }: Model,
  batch: { tokens: HostTensor; labels: HostTensor },
  adamw: z.infer<typeof adamwSchema>,
  steps: number,
  trains: (name: string) => boolean = () => true,
): Promise<Training> {
  const optimizer = {
    learningRate: adamw.lr,
    beta1: adamw.betas[0],
    beta2: adamw.betas[1],
    epsilon: adamw.eps,
    weightDecay: adamw.weight_decay,
    gradientClip: 0,
    warmupSteps: 0,
    schedule: 'constant',
  } as const
  const names = Object.keys(parameters).filter(trains)
  const initial = Object.fromEntries(names.map((name) => [name, parameter(parameters, name)]))
  const state = runtime.createState({ ...parameters, ...initialMoments(initial) })
  const specs = {
    tokens: { shape: batch.tokens.shape, dtype: 'int32' },
    labels: { shape: batch.labels.shape, dtype: 'int32' },
    learningRate: { shape: [] },
    correction1: { shape: [] },
    correction2: { shape: [] },
  } as const
  const program = await compile(runtime, state, 'decoder training', specs, state.names(), (tensors) => {
    const trained = Object.fromEntries(names.map((name) => [name, parameter(tensors, name)]))
    const { loss, gradients, aside } = valueAndGradients(() => {
      const logits = llama({ ...tensors, ...trained }, parameter(tensors, 'tokens'), shape)
      return { loss: softmaxCrossEntropy(logits, parameter(tensors, 'labels')).loss, aside: { logits } }
    }, trained)
    const { next } = adamUpdate(tensors, gradients, optimizer, tensors as unknown as UpdateInputs, () => true)
    const out = Object.entries(gradients).map(([name, gradient]): [string, Tensor] => [`gradient.${name}`, gradient])
    const replaced = Object.entries(next).map(([name, value]): [string, Tensor] => [STATE_PREFIX + name, value])
    return { loss, ...aside, ...Object.fromEntries(out), ...Object.fromEntries(replaced) }
  })
  const losses: number[] = []
  let first: Record<string, HostTensor> = {}
  const trained: Record<string, Float32Array> = {}
  for (let count = 1; count <= steps; count++) {
    // The last step is run for its loss alone.
    if (count === steps) for (const name of names) trained[name] = (await state.read(name)).data as Float32Array
    const numbers = Object.entries(updateInputs(optimizer, count, steps))
    const feeds = Object.fromEntries(numbers.map(([name, value]) => [name, scalar(value)]))
    const outputs = await program.run({ ...batch, ...feeds })
    if (count === 1) first = outputs
    losses.push(number(outputs, 'loss'))
  }
  await program.dispose()
  const gradients = Object.fromEntries(names.map((name) => [name, floats(first, `gradient.${name}`)]))
  return { logits: floats(first, 'logits'), losses, gradients, trained }
}

/** L2 norm of each tensor, under the name that `nameOf` gives it. */
export const normsOf = (
  tensors: Readonly<Record<string, Float32Array>>,
  nameOf: (ours: string) => string,
): Record<string, number> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, data]) => [nameOf(name), Math.sqrt(data.reduce((sum, x) => sum + x * x, 0))]),
  )

export interface Continuation {
  /** Each prompt and what follows. */
  tokens: number[][]
  /** Logits of every position of the prompts, [B, longest prompt + count, K]; those after a prompt mean nothing. */
  logits: Float32Array
  /** Gap between the two likeliest tokens at each step, [count, B]. */
  gaps: number[][]
}

/**
 * Continues prompts by the likeliest token, without a cache: the whole sequence is computed for each.
 * @param mask for each token of the prompts: 0 where it is padding, on the left
 */
export async function continueGreedily(
  runtime: Runtime,
  { shape, vocabulary, parameters }: Model,
  prompts: readonly (readonly number[])[],
  count: number,
  mask?: readonly (readonly number[])[],
): Promise<Continuation> {
  const total = Math.max(...prompts.map(({ length }) => length)) + count
  const spec = { shape: [prompts.length, total], dtype: 'int32' } as const
  /** Rows of one length: what follows a sequence is not seen by it, so any filling does. */
  const rows = (lists: readonly (readonly number[])[], filling: number) => {
    const data = lists.flatMap((list) => [...list, ...Array<number>(total - list.length).fill(filling)])
    return int32(Int32Array.from(data), spec.shape)
  }
  const state = runtime.createState(parameters)
  const inputs = { tokens: spec, ...(mask ? { mask: spec, positions: spec } : {}) }
  const program = await compile(runtime, state, 'greedy', inputs, state.names(), (tensors) => ({
    logits: llama(tensors, parameter(tensors, 'tokens'), shape, mask && (tensors as unknown as Padding)),
  }))
  const padding = mask && rows(mask, 1)
  const feeds = padding
    ? { mask: padding, positions: int32(positionsOf(padding.data as Int32Array, total), spec.shape) }
    : {}
  const tokens = prompts.map((prompt) => [...prompt])
  const gaps: number[][] = []
  let first: Float32Array | null = null
  for (let step = 0; step < count; step++) {
    const logits = floats(await program.run({ tokens: rows(tokens, 0), ...feeds }), 'logits')
    first ??= logits
    gaps.push(
      tokens.map((sequence, row) => {
        const from = (row * total + sequence.length - 1) * vocabulary
        const [best, second] = twoLargest(logits.subarray(from, from + vocabulary))
        sequence.push(best.at)
        return best.value - second.value
      }),
    )
  }
  await program.dispose()
  return { tokens, logits: first ?? new Float32Array(), gaps }
}

/** The two largest values and where they are; the lower place first where they are equal. */
function twoLargest(values: Float32Array): [{ at: number; value: number }, { at: number; value: number }] {
  let best = { at: -1, value: Number.NEGATIVE_INFINITY }
  let second = best
  for (const [at, value] of values.entries())
    if (value > best.value) [best, second] = [{ at, value }, best]
    else if (value > second.value) second = { at, value }
  return [best, second]
}

/** max(cumsum(mask) − 1, 0) in each row. */
export function positionsOf(mask: Int32Array, length: number): Int32Array {
  let seen = 0
  return mask.map((real, at) => {
    seen = (at % length === 0 ? 0 : seen) + real
    return Math.max(seen - 1, 0)
  })
}
