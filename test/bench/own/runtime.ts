import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { onnxRuntime } from '../../../src-main/engine/runtimes/onnx.ts'
import type { Runtime } from '../../../src-main/engine/runtimes/runtime.ts'

/** What the bench gives each of our contestants beside its shape. */
export interface RuntimeOptions {
  threads: number
  /** Prefix of a trace of every operator. */
  profile?: string
}

/** The runtime that is measured, and what the bench calls it. */
export function openRuntime({ threads, profile }: RuntimeOptions): { runtime: Runtime; version: string } {
  const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return {
    runtime: onnxRuntime({ threads, ...(profile ? { profile } : {}) }),
    version: `onnx, onnxruntime ${version}`,
  }
}
