import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Data, Dtype } from '../ir.ts'
import { TENSORFLOW_REMEDY, type TensorflowInstallation, TensorflowUnavailableError } from './installation.ts'

/**
 * The addon of @tensorflow/tfjs-node, called directly: its JavaScript half would bring a second TensorFlow.js, and the
 * trace needs nothing of it. Tensors are known by number and live until `deleteTensor`. Every call blocks.
 */
export interface TensorflowAddon {
  readonly TF_Version: string
  isUsingGpuDevice(): boolean
  /** Shares the array's memory: it must not be written to afterwards. */
  createTensor(shape: readonly number[], type: number, data: Data): number
  deleteTensor(tensor: number): void
  /** A copy. */
  tensorDataSync(tensor: number): Data
  executeOp(
    operation: string,
    attributes: readonly AddonAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): AddonTensor[]
  /** @returns the number of a session */
  loadSavedModel(folder: string, tags: string): number
  deleteSavedModel(session: number): void
  /** Names are lists with commas, of the form node:output. */
  runSavedModel(session: number, tensors: readonly number[], inputs: string, outputs: string): AddonTensor[]
  getNumOfTensors(): number
  getNumOfSavedModels(): number
}

export interface AddonTensor {
  id: number
  shape: number[]
  dtype: number
}

export interface AddonAttribute {
  name: string
  type: number
  value: number | string | boolean | readonly number[]
}

/** TF_DataType and TF_AttrType of TensorFlow's C API (tf_datatype.h, c_api.h), which never change. */
export const TF_TYPE: Record<Dtype, number> = { float32: 1, int32: 3, bool: 10 }
export const TF_ATTRIBUTE = { word: 0, whole: 1, fraction: 2, boolean: 3, type: 4 } as const

let loaded: { addon: TensorflowAddon; path: string; threads: number } | null = null

/**
 * Loads the addon into this process: once, with one number of threads, since TensorFlow makes its threads only once.
 * @param threads of one operation; 0: all cores
 * @throws TensorflowUnavailableError if it is not built or a library is missing
 */
export function loadTensorflow(installation: TensorflowInstallation, threads: number): TensorflowAddon {
  const path = installation.addon
  if (loaded) {
    if (loaded.path === path && loaded.threads === threads) return loaded.addon
    throw new TensorflowUnavailableError(
      `TensorFlow already runs in this process with ${loaded.threads} threads from ${loaded.path}, and ` +
        `${threads} threads from ${path} were asked for; use a process of its own`,
    )
  }
  if (!existsSync(path))
    throw new TensorflowUnavailableError(`TensorFlow's addon ${path} is missing; ${TENSORFLOW_REMEDY}`)
  if (threads > 0) {
    process.env.TF_NUM_INTRAOP_THREADS = String(threads)
    process.env.OMP_NUM_THREADS = String(threads)
  }
  // Left to itself TensorFlow uses oneDNN's convolutions on the newest processors only; they are faster on all.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1'
  // Otherwise every start says which instructions the processor has.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  let addon: TensorflowAddon
  try {
    addon = createRequire(import.meta.url)(path) as TensorflowAddon
  } catch (cause) {
    throw new TensorflowUnavailableError(
      `TensorFlow's addon ${path} could not be loaded (${(cause as Error).message}); its Python environment may have ` +
        `been moved or removed: ${TENSORFLOW_REMEDY}`,
      { cause },
    )
  }
  loaded = { addon, path, threads }
  return addon
}

/** An operation that TensorFlow refused or could not finish. */
export class TensorflowError extends Error {
  override name = 'TensorflowError'
}

/** TF_Code of the C API. */
const [INVALID_ARGUMENT, RESOURCE_EXHAUSTED] = [3, 8]

/**
 * TensorFlow's words about a failure, with the kernel, its shapes and model line, and a remedy where there is one.
 * @param origin what the failing operation was made for
 */
export function explain(cause: unknown, origin: string): TensorflowError {
  const words = (cause as Error).message
  const status = /Invalid TF_Status: (\d+)\s+Message: /.exec(words)
  const code = status ? Number(status[1]) : /OOM when allocating/.test(words) ? RESOURCE_EXHAUSTED : INVALID_ARGUMENT
  const said = words
    .replace(/^Session fail to run with error: /, '')
    .slice(status ? status[0].length : 0)
    .replace(/\s*\[\[.*?\]\]|\s*\[Op:\w*\]/gs, '')
    .trim()
  const remedy =
    code === RESOURCE_EXHAUSTED || /OOM when allocating|out of memory/i.test(said)
      ? '; there is not enough memory: use smaller batches, a smaller model, or another engine'
      : ''
  return new TensorflowError(`TensorFlow failed at ${origin || 'an output'}: ${said}${remedy}`, { cause })
}
