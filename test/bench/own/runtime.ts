import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { onnxRuntime } from '../../../src-main/engine/runtimes/onnx.ts'
import type { Runtime } from '../../../src-main/engine/runtimes/runtime.ts'
import { tensorflowRuntime } from '../../../src-main/engine/runtimes/tensorflow.ts'
import { tensorflowHere } from '../installed.ts'
import type { RuntimeName } from './runtime-names.ts'

/** What the bench gives each of our contestants beside its shape. */
export interface RuntimeOptions {
  runtime: RuntimeName
  threads: number
  /** Prefix of a trace of every operator; onnx only. */
  profile?: string
}

/** The runtime that is measured, and what the bench calls it. @throws Error if it is not installed */
export function openRuntime({ runtime, threads, profile }: RuntimeOptions): { runtime: Runtime; version: string } {
  if (runtime !== 'onnx') {
    const mode = runtime === 'tensorflow' ? 'graph' : 'eager'
    const installation = tensorflowHere()
    return {
      runtime: tensorflowRuntime({ installation, threads, mode }),
      version: `tensorflow ${installation.tensorflow}, ${mode}`,
    }
  }
  const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return {
    runtime: onnxRuntime({ threads, ...(profile ? { profile } : {}) }),
    version: `onnx, onnxruntime ${version}`,
  }
}
