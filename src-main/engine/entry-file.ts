import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The file to fork for a process of its own: beside the asking module when run from source, `out/main/<name>.js` when built.
 * @param from URL of the asking module
 * @param source name of the file beside it, without .ts, if it is another one than when built
 */
export function entryFileBeside(from: string, name: string, source = name): string {
  const module = fileURLToPath(from)
  const folder = dirname(module)
  if (module.endsWith('.ts')) return join(folder, `${source}.ts`)
  // The bundler puts shared parts into out/main/chunks.
  return join(basename(folder) === 'chunks' ? dirname(folder) : folder, `${name}.js`)
}
