import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Where the built window is: out/renderer, seen from a host's entry file.
 * @param entry URL of the entry module, out/main/<name>.js when built, src-main/<host>/<name>.ts from source
 */
export function rendererFolder(entry: string): string {
  const file = fileURLToPath(entry)
  return resolve(dirname(file), file.endsWith('.ts') ? '../../out/renderer' : '../renderer')
}
