import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The file to fork for a training process: beside this module when run from source, `out/main/<name>.js` when built.
 * @param from URL of the running module
 */
export function entryFile(name: 'train', from: string = import.meta.url): string {
  const module = fileURLToPath(from)
  const folder = dirname(module)
  if (module.endsWith('.ts')) return join(folder, `${name}.ts`)
  // The bundler puts shared parts into out/main/chunks.
  return join(basename(folder) === 'chunks' ? dirname(folder) : folder, `${name}.js`)
}
