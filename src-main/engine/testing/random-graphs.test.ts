import fc from 'fast-check'
import { describe, it } from 'vitest'
import { valueAndGradients } from '../gradients.ts'
import { referenceRuntime } from '../runtimes/reference.ts'
import type { HostTensor } from '../runtimes/runtime.ts'
import { type Tensor, tf } from '../tf.ts'
import type { Traced } from '../trace.ts'
import { runOnce, runtimes } from './programs.ts'
import { kinked, type RandomStep, randomInputs, runSteps, smooth } from './random-graphs.ts'
import { composed, ownOperations } from './random-operations.ts'

const number = fc.nat({ max: 0xffff })
const steps = fc.array(
  fc.record<RandomStep>({ operation: number, first: fc.nat({ max: 20 }), second: number, choice: number }),
  { minLength: 1, maxLength: 14 },
)
const shape = fc.tuple(
  fc.integer({ min: 1, max: 2 }),
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 4 }),
)
const seed = fc.nat({ max: 1000 })

/** Runs on all runtimes and fails for outputs that differ from the reference by more than a share of their largest number. */
async function compare(inputs: Record<string, HostTensor>, step: Traced, tolerance: number): Promise<void> {
  const reference = await runOnce(referenceRuntime, inputs, step)
  for (const runtime of runtimes)
    if (runtime !== referenceRuntime)
      compareOutputs(runtime.name, await runOnce(runtime, inputs, step), reference, tolerance)
}

function compareOutputs(
  runtime: string,
  outputs: Record<string, HostTensor>,
  reference: Record<string, HostTensor>,
  tolerance: number,
): void {
  for (const [name, want] of Object.entries(reference)) {
    const got = outputs[name] as HostTensor
    if (got.shape.join() !== want.shape.join() || got.dtype !== want.dtype)
      throw new Error(`${name} is ${got.dtype}[${got.shape}] on ${runtime}, ${want.dtype}[${want.shape}] on reference`)
    const allowed = tolerance * (0.01 + Math.max(...want.data.map(Math.abs)))
    for (const [index, value] of want.data.entries())
      if (!(Math.abs((got.data[index] as number) - value) <= allowed))
        throw new Error(`${name} [${want.shape}] at ${index}: ${got.data[index]} on ${runtime}, ${value} on reference`)
  }
}

/** The same programs every time: a failure is one of the code, never of the day. */
const SEED = 20_240

describe('random graphs', () => {
  it('give the same values on every runtime as on the reference runtime', async () => {
    await fc.assert(
      fc.asyncProperty(seed, shape, steps, async (seed, shape, steps) => {
        const operations = { ...smooth, ...ownOperations, ...kinked }
        await compare(
          randomInputs(seed, shape),
          (leaves) => ({ ...runSteps(leaves, steps, operations), whole: tf.sum(leaves.map as Tensor) }),
          1e-4,
        )
      }),
      { numRuns: 150, seed: SEED },
    )
  }, 300_000)

  // Only the last value is an output: compositions whose parts are outputs are left as they are.
  it('give the same value where passes put own operations in the place of compositions', async () => {
    const operations = {
      ...composed,
      add: smooth.add,
      multiply: smooth.multiply,
      reshape: smooth.reshape,
    } as typeof smooth
    await fc.assert(
      fc.asyncProperty(seed, shape, steps, async (seed, shape, steps) => {
        await compare(
          randomInputs(seed, shape),
          (leaves) => ({ last: Object.values(runSteps(leaves, steps, operations)).at(-1) ?? (leaves.map as Tensor) }),
          1e-4,
        )
      }),
      { numRuns: 100, seed: SEED },
    )
  }, 120_000)

  it('give the same gradients on all', async () => {
    await fc.assert(
      fc.asyncProperty(seed, shape, steps, async (seed, shape, steps) => {
        await compare(
          randomInputs(seed, shape),
          (leaves) => {
            const { gradients, loss } = valueAndGradients(() => {
              const values = [
                ...Object.values(runSteps(leaves, steps, { ...smooth, ...ownOperations })),
                ...Object.values(leaves),
              ]
              const terms = values.map((value, at) => tf.mean(tf.sin(tf.add(value, at))))
              return { loss: tf.addN(terms), aside: {} }
            }, leaves)
            return { loss, ...Object.fromEntries(Object.entries(gradients).map(([n, g]) => [`d${n}`, g])) }
          },
          1e-3,
        )
      }),
      { numRuns: 40, seed: SEED },
    )
  }, 300_000)
})
