import { compile } from '../compile.ts'
import { sizeOf } from '../ir.ts'
import { onnxRuntime } from '../runtimes/onnx.ts'
import { referenceRuntime } from '../runtimes/reference.ts'
import { float32, type HostTensor, int32, type Runtime } from '../runtimes/runtime.ts'
import { tensorflowRuntime } from '../runtimes/tensorflow.ts'
import { installedTensorflow, type TensorflowInstallation } from '../tensorflow/installation.ts'
import type { Spec, Traced } from '../trace.ts'

/** What tests of traced code share. */

/** What `npm run setup:tensorflow` has made, where the tests were told of it (vitest.config.ts). */
const { UNICODE_WORKBENCH_TENSORFLOW: tensorflowFolder } = process.env
export const tensorflowForTests = tensorflowFolder ? installedTensorflow(tensorflowFolder) : null

/** TensorFlow in both of its modes, where it is set up. */
export const tensorflowRuntimes: readonly Runtime[] = tensorflowForTests
  ? (['graph', 'eager'] as const).map((mode) => ({
      ...tensorflowRuntime({ installation: tensorflowForTests as TensorflowInstallation, threads: 2, mode }),
      name: `tensorflow, ${mode}`,
    }))
  : []

/** The runtimes that every traced function must give the same numbers on. */
export const runtimes: readonly Runtime[] = [onnxRuntime({ threads: 2 }), referenceRuntime, ...tensorflowRuntimes]

/** Compiles a function over the given inputs, without a state, runs it once and lets it go. */
export async function runOnce(
  runtime: Runtime,
  inputs: Record<string, HostTensor>,
  step: Traced,
): Promise<Record<string, HostTensor>> {
  const program = await compile(runtime, runtime.createState({}), 'once', specsOf(inputs), [], step)
  try {
    return await program.run(inputs)
  } finally {
    await program.dispose()
  }
}

/** Shapes and types of given inputs. */
export const specsOf = (inputs: Readonly<Record<string, HostTensor>>): Record<string, Spec> =>
  Object.fromEntries(Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype }]))

/** Evenly spread numbers in [low, high), the same for the same seed (mulberry32). */
export function uniformSource(seed: number): (low?: number, high?: number) => number {
  let state = seed >>> 0
  return (low = 0, high = 1) => {
    state = (state + 0x6d2b79f5) >>> 0
    let h = Math.imul(state ^ (state >>> 15), state | 1)
    h = (h + Math.imul(h ^ (h >>> 7), h | 61)) ^ h
    return low + ((high - low) * ((h ^ (h >>> 14)) >>> 0)) / 2 ** 32
  }
}

/** A tensor of evenly spread numbers, in [−1, 1) unless told. */
export function randomFloats(seed: number, shape: readonly number[], low = -1, high = 1): HostTensor {
  const next = uniformSource(seed)
  return float32(
    Float32Array.from({ length: sizeOf(shape) }, () => next(low, high)),
    shape,
  )
}

/** A tensor of whole numbers in [0, below). */
export function randomIntegers(seed: number, shape: readonly number[], below: number): HostTensor {
  const next = uniformSource(seed)
  return int32(
    Int32Array.from({ length: sizeOf(shape) }, () => Math.floor(next(0, below))),
    shape,
  )
}
