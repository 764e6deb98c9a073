import { ProviderError } from '../errors.ts'
import { onnxRuntime } from './onnx.ts'
import type { OnnxProvider } from './providers.ts'
import type { Runtime } from './runtime.ts'

/** One runtime, with nothing left to decide but what it decides itself. `threads` on the processor; 0: all cores. */
export type RuntimeChoice =
  | { runtime: 'onnx'; provider: OnnxProvider; threads: number }
  | { runtime: 'tensorflow'; provider: 'auto' | 'cpu' | 'cuda'; threads: number }

/**
 * Native libraries are loaded by the runtime that is asked for and no other.
 * @throws ProviderError if its libraries are not here; what is missing for a device shows when a program is loaded
 */
export async function loadRuntime(choice: RuntimeChoice): Promise<Runtime> {
  switch (choice.runtime) {
    case 'onnx':
      return onnxRuntime({ provider: choice.provider, threads: choice.threads })
    case 'tensorflow':
      throw new ProviderError('the runtime "tensorflow" is not part of this version; set engine.runtime to "onnx"')
  }
}
