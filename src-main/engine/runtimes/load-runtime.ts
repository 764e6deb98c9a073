import { ProviderError } from '../errors.ts'
import { installedTensorflow, TENSORFLOW_REMEDY } from '../tensorflow/installation.ts'
import { onnxRuntime } from './onnx.ts'
import type { OnnxProvider } from './providers.ts'
import type { Runtime } from './runtime.ts'
import { tensorflowRuntime } from './tensorflow.ts'

/** One runtime, with nothing left to decide but what it decides itself. `threads` on the processor; 0: all cores. `cache`: folder of compiled graphs. */
export type RuntimeChoice =
  | { runtime: 'onnx'; provider: OnnxProvider; threads: number; cache?: string }
  | {
      runtime: 'tensorflow'
      provider: 'auto' | 'cpu' | 'cuda'
      threads: number
      /** Where it was set up. */
      folder: string
    }

/**
 * Native libraries are loaded by the runtime that is asked for and no other.
 * @throws ProviderError if its libraries are not here; what is missing for a device shows when a program is loaded
 */
export async function loadRuntime(choice: RuntimeChoice): Promise<Runtime> {
  switch (choice.runtime) {
    case 'onnx':
      return onnxRuntime(choice)
    case 'tensorflow': {
      const installation = installedTensorflow(choice.folder)
      if (!installation)
        throw new ProviderError(
          `TensorFlow is not set up in ${choice.folder}; ${TENSORFLOW_REMEDY}, or set engine.runtime to "onnx"`,
        )
      if (choice.provider === 'cuda' && !installation.gpu)
        throw new ProviderError(
          `TensorFlow in ${choice.folder} was set up without CUDA; ${TENSORFLOW_REMEDY} -- --gpu, or set engine.provider to "cpu"`,
        )
      return tensorflowRuntime({
        installation,
        threads: choice.threads,
        ...(choice.provider === 'auto' ? {} : { mode: choice.provider === 'cuda' ? 'eager' : 'graph' }),
      })
    }
  }
}
