import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { ProviderError } from '../errors.ts'

/** What `npm run setup:tensorflow` has built, as it writes it down in its folder. */
const recordSchema = z.strictObject({
  /** The compiled addon. */
  addon: z.string(),
  tensorflow: z.string(),
  tfjsNode: z.string(),
  python: z.string(),
  gpu: z.boolean(),
})
export type TensorflowInstallation = z.infer<typeof recordSchema>

export const TENSORFLOW_RECORD = 'tensorflow.json'
export const TENSORFLOW_REMEDY = 'run "npm run setup:tensorflow"'

/** TensorFlow cannot be used here, why, and what to do. */
export class TensorflowUnavailableError extends ProviderError {
  override name = 'TensorflowUnavailableError'
}

/** Where `npm run setup:tensorflow` puts TensorFlow: UNICODE_WORKBENCH_TENSORFLOW, else a folder of the home. */
export const tensorflowFolder = (home: string, environment: NodeJS.ProcessEnv = process.env): string =>
  environment.UNICODE_WORKBENCH_TENSORFLOW
    ? resolve(environment.UNICODE_WORKBENCH_TENSORFLOW)
    : join(home, 'runtimes', 'tensorflow')

/** What was set up in a folder, or null if nothing was. @throws TensorflowUnavailableError for a record that cannot be read */
export function installedTensorflow(folder: string): TensorflowInstallation | null {
  const file = join(folder, TENSORFLOW_RECORD)
  if (!existsSync(file)) return null
  try {
    return recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new TensorflowUnavailableError(
      `${file} is not the record of a TensorFlow setup (${(cause as Error).message}); ${TENSORFLOW_REMEDY} again`,
      { cause },
    )
  }
}
