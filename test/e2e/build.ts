import { fileURLToPath } from 'node:url'
import { ensureBuilt } from '../../src-main/start/build.ts'

/** The repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

/** Run once before the end-to-end tests, by vitest. */
export async function setup(): Promise<void> {
  await ensureBuilt(root, console.log)
}
