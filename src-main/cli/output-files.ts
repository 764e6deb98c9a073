import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { UsageError } from './errors.ts'

/** @throws UsageError if one of the files exists and may not be overwritten */
export function refuseOverwriting(paths: readonly string[], force: boolean | undefined): void {
  const taken = force ? undefined : paths.find((path) => existsSync(path))
  if (taken) throw new UsageError(`${taken} exists; choose another name, or overwrite it with --force`)
}

/** Writes a file, making its folder if needed. */
export function writeOutput(path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}
