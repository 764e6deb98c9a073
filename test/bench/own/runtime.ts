import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { onnxRuntime } from '../../../src-main/engine/runtimes/onnx.ts'
import type { Runtime } from '../../../src-main/engine/runtimes/runtime.ts'
import { tensorflowRuntime } from '../../../src-main/engine/runtimes/tensorflow.ts'
import { installedTensorflow, TENSORFLOW_REMEDY } from '../../../src-main/engine/tensorflow/installation.ts'
import { homeFolder, tensorflowFolder } from '../../../src-main/start/home.ts'

export const runtimeNames = ['onnx', 'tensorflow', 'tensorflow-eager'] as const

/** What the bench gives each of our contestants beside its shape. */
export interface RuntimeOptions {
  runtime: (typeof runtimeNames)[number]
  threads: number
  /** Prefix of a trace of every operator, which onnxruntime alone writes. */
  profile?: string
}

/** The runtime that is measured, and what the bench calls it. */
export function openRuntime({ runtime, threads, profile }: RuntimeOptions): { runtime: Runtime; version: string } {
  if (runtime === 'onnx') {
    const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
    return {
      runtime: onnxRuntime({ threads, ...(profile ? { profile } : {}) }),
      version: `onnx, onnxruntime ${version}`,
    }
  }
  const folder = tensorflowFolder(homeFolder(undefined))
  const installation = installedTensorflow(folder)
  if (!installation) throw new Error(`TensorFlow is not set up in ${folder}; ${TENSORFLOW_REMEDY}`)
  const mode = runtime === 'tensorflow' ? 'graph' : 'eager'
  return {
    runtime: tensorflowRuntime({ installation, threads, mode }),
    version: `TensorFlow ${installation.tensorflow}, ${mode}`,
  }
}
