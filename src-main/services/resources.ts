import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The folder `resources`, found upwards from the running module: that works from source, from the build and packaged.
 * @throws Error if there is none
 */
export function resourcesFolder(from: string = import.meta.url): string {
  const start = dirname(fileURLToPath(from))
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'resources', 'presets'))) return join(folder, 'resources')
    if (folder === dirname(folder))
      throw new Error(`no folder "resources" with presets above ${start}; reinstall the app`)
  }
}

/** The app's version, from the package.json beside the resources. */
export function appVersion(): string {
  const found: unknown = JSON.parse(readFileSync(join(dirname(resourcesFolder()), 'package.json'), 'utf8'))
  return String((found as { version?: unknown }).version)
}
