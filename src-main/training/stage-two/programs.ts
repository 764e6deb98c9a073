import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { compile } from '../../engine/compile.ts'
import { accumulatorEntries, compileAccumulated } from '../../engine/compile-accumulated.ts'
import { valueAndGradients } from '../../engine/gradients.ts'
import { accumulated } from '../../engine/operations/accumulated.ts'
import { IGNORED_LABEL, softmaxCrossEntropy } from '../../engine/operations/softmax-cross-entropy.ts'
import { branch, type Parameters, parameter } from '../../engine/parameters.ts'
import { type HostTensor, type Runtime, type State, scalar } from '../../engine/runtimes/runtime.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import type { Spec } from '../../engine/trace.ts'
import { type LlamaShape, llamaStates } from '../../language/llama.ts'
import { embedPositions, outputLogits, type Reading } from '../../multimodal/model.ts'
import { positionSpecs, type SequenceSize } from '../../multimodal/positions.ts'
import { adamUpdate, firstMoment, secondMoment, UPDATE_SPECS, type UpdateInputs } from '../optimizer.ts'
import { toState } from '../stage-one/state.ts'

/** Size of a batch: its sequences, their positions, and how many of these predict something that is learned. */
export interface BatchSize extends SequenceSize {
  rows: number
}

/** What the programs of Stage II are compiled from. */
export interface StageTwoModel {
  config: ExperimentConfig
  llama: LlamaShape
  reading: Reading
  /** Parameters that learn, by their names in the state. */
  learned: readonly string[]
}

/** Sums of gradients, where batches are accumulated. */
export const accumulators = (
  { multimodal }: ExperimentConfig,
  state: Readonly<Record<string, HostTensor>>,
  learned: readonly string[],
): Record<string, HostTensor> =>
  multimodal.accumulation === 1
    ? {}
    : accumulatorEntries({
        loss: { shape: [], dtype: 'float32' },
        ...Object.fromEntries(learned.map((name) => [name, state[name] as HostTensor])),
      })

/** A step, or a part of one. */
export interface TrainingProgram {
  /** One update out of `accumulation` batches. @returns the mean loss over all their answer tokens */
  run(
    shared: Record<string, HostTensor>,
    batches: readonly Record<string, HostTensor>[],
  ): Promise<Record<string, HostTensor>>
  dispose(): Promise<void>
}

const batchSpecs = ({ reading }: StageTwoModel, size: BatchSize): Record<string, Spec> => ({
  ...positionSpecs(reading.shape, size),
  rows: { shape: [size.rows], dtype: 'int32' },
  labels: { shape: [size.rows], dtype: 'int32' },
})

/** One update of the language model, and of what its paradigm adds, by the loss on answer tokens (Eq. 6). */
export async function compileStep(
  runtime: Runtime,
  state: State,
  model: StageTwoModel,
  size: BatchSize,
): Promise<TrainingProgram> {
  const { config, learned } = model
  const { accumulation, optimizer } = config.multimodal
  const name = `stage II step ${size.batch} x ${size.length}, ${size.rows}`
  const reads = readBy(state, model, [...learned.map(firstMoment), ...learned.map(secondMoment)])
  const step = (tensors: Record<string, Tensor>): Record<string, Tensor> => {
    const trained = Object.fromEntries(learned.map((entry) => [entry, parameter(tensors, entry)]))
    const { loss, gradients } = valueAndGradients(() => {
      const { loss: mean } = softmaxCrossEntropy(predictions(tensors, model, size), parameter(tensors, 'labels'))
      return { loss: accumulation === 1 ? mean : tf.mul(mean, parameter(tensors, SHARE)), aside: {} }
    }, trained)
    const added =
      accumulation === 1
        ? gradients
        : Object.fromEntries(
            Object.entries(gradients).map(([entry, gradient]) => [entry, accumulated(entry, gradient)]),
          )
    const { next, norm } = adamUpdate(tensors, added, optimizer, tensors as unknown as UpdateInputs)
    return { ...toState(next), loss: accumulation === 1 ? loss : accumulated('loss', loss), gradientNorm: norm }
  }
  if (accumulation === 1) {
    const program = await compile(runtime, state, name, { ...batchSpecs(model, size), ...UPDATE_SPECS }, reads, step)
    return {
      run: (shared, [batch]) => program.run({ ...shared, ...batch }),
      dispose: () => program.dispose(),
    }
  }
  const program = await compileAccumulated(
    runtime,
    state,
    name,
    { shared: UPDATE_SPECS, microBatch: { ...batchSpecs(model, size), [SHARE]: { shape: [] } } },
    reads,
    step,
  )
  return {
    run: async (shared, batches) => (await program.run(shared, withShares(batches))).outputs,
    dispose: () => program.dispose(),
  }
}

/** Input: answer tokens of a batch, by how many the batches of an update have on average. */
const SHARE = 'share'

/** Batches whose answers are of different lengths count by their tokens, so that together they are one batch (Eq. 6). */
function withShares(batches: readonly Record<string, HostTensor>[]): Record<string, HostTensor>[] {
  const counts = batches.map(({ labels }) => {
    let count = 0
    for (const label of labels?.data ?? []) if (label !== IGNORED_LABEL) count++
    return count
  })
  const mean = counts.reduce((sum, count) => sum + count, 0) / batches.length
  return batches.map((batch, at) => ({ ...batch, [SHARE]: scalar((counts[at] as number) / mean) }))
}

/** How the model does on given answers. Outputs, for each row: nll, best (the likeliest token). */
export const compileJudge = (runtime: Runtime, state: State, model: StageTwoModel, size: BatchSize) =>
  compile(
    runtime,
    state,
    `stage II loss ${size.batch} x ${size.length}, ${size.rows}`,
    batchSpecs(model, size),
    readBy(state, model, []),
    (tensors) => {
      const logits = predictions(tensors, model, size) as tf.Tensor2D
      const { logProbabilities } = softmaxCrossEntropy(logits, parameter(tensors, 'labels'))
      const labels = tf.maximum(parameter(tensors, 'labels'), tf.scalar(0, 'int32')) as tf.Tensor1D
      const outputs = logits.shape[1]
      const starts = tf.tensor1d(
        Array.from({ length: size.rows }, (_, row) => row * outputs),
        'int32',
      )
      const flat = tf.add(starts, labels) as tf.Tensor1D
      return {
        nll: tf.neg(tf.gather(tf.reshape(logProbabilities, [size.rows * outputs]), flat)),
        best: tf.argMax(logits, 1),
      }
    },
  )

/** Logits of given answers. Outputs: logits, [rows, outputs]. */
export const compileLogits = (runtime: Runtime, state: State, model: StageTwoModel, size: BatchSize) =>
  compile(
    runtime,
    state,
    `stage II logits ${size.batch} x ${size.length}, ${size.rows}`,
    batchSpecs(model, size),
    readBy(state, model, []),
    (tensors) => ({ logits: predictions(tensors, model, size) }),
  )

/** Logits behind the positions that predict something learned, [rows, outputs]. */
function predictions(tensors: Parameters, { llama, reading }: StageTwoModel, { batch, length }: BatchSize): Tensor {
  const embedded = tf.reshape(embedPositions(tensors, reading), [batch, length, llama.width])
  const states = llamaStates(branch(tensors, 'language'), embedded, llama)
  return outputLogits(tensors, tf.gather(states, parameter(tensors, 'rows') as tf.Tensor1D), llama, reading)
}

/** Entries of the state that the model reads. */
export function readBy(state: State, { reading }: Pick<StageTwoModel, 'reading'>, more: readonly string[]): string[] {
  const { slots } = reading.shape
  return [
    ...state.names().filter((name) => name.startsWith('language.') || name.startsWith('multimodal.')),
    ...(slots > 0 ? [reading.table, ...(reading.ids ? [reading.ids] : [])] : []),
    ...more,
  ]
}
