import { traceStep } from './compile.ts'
import { sizeOf, zerosOf } from './ir.ts'
import { ACCUMULATED_PREFIX, MICRO_BATCHES, splitAccumulation } from './passes/accumulation.ts'
import { eliminateDeadCode } from './passes/dead-code.ts'
import { type EntryType, type HostTensor, type Runtime, type State, scalar } from './runtimes/runtime.ts'
import type { Spec, Traced } from './trace.ts'

/** A step over a batch that comes in parts. */
export interface AccumulatedProgram {
  /**
   * Runs every micro-batch, then the update once.
   * @returns the outputs of the step as a whole, and those of each micro-batch
   */
  run(
    shared: Record<string, HostTensor>,
    microBatches: readonly Record<string, HostTensor>[],
  ): Promise<{ outputs: Record<string, HostTensor>; microBatches: Record<string, HostTensor>[] }>
  dispose(): Promise<void>
}

/** Zeros for the state to add up in: one entry for each value that a step marks as accumulated. */
export const accumulatorEntries = (marked: Readonly<Record<string, EntryType>>): Record<string, HostTensor> =>
  Object.fromEntries(
    Object.entries(marked).map(([name, { shape, dtype }]) => [
      ACCUMULATED_PREFIX + name,
      { shape, dtype, data: zerosOf(dtype, sizeOf(shape)) },
    ]),
  )

/**
 * As `compile`, for a step whose batch comes in micro-batches of equal size: the memory of one, the result of all, if
 * the losses are means over the batch and everything that the update uses is marked by `accumulated`. The state must
 * hold `accumulatorEntries` for what is marked. A run that fails may leave sums behind: write zeros, or a checkpoint.
 *
 * @param inputs.shared of the step as a whole, such as the learning rate; inputs.microBatch of each part
 * @throws Error as `splitAccumulation`, and for an entry that the state lacks
 */
export async function compileAccumulated(
  runtime: Runtime,
  state: State,
  name: string,
  inputs: { shared: Record<string, Spec>; microBatch: Record<string, Spec> },
  reads: readonly string[],
  step: Traced,
): Promise<AccumulatedProgram> {
  const graph = traceStep(state, name, { ...inputs.shared, ...inputs.microBatch }, reads, step)
  const { accumulate, update } = splitAccumulation(eliminateDeadCode(graph), Object.keys(inputs.microBatch))
  const add = await runtime.load(accumulate, `${name}: accumulate`, state)
  const finish = await runtime.load(update, `${name}: update`, state)
  return {
    async run(shared, microBatches) {
      if (microBatches.length === 0) throw new Error(`"${name}" was given no micro-batch`)
      const parts: Record<string, HostTensor>[] = []
      for (const part of microBatches) parts.push(await add.run({ ...shared, ...part }))
      return {
        outputs: await finish.run({ ...shared, [MICRO_BATCHES]: scalar(microBatches.length) }),
        microBatches: parts,
      }
    },
    async dispose() {
      await add.dispose()
      await finish.dispose()
    },
  }
}
