import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type * as ort from 'onnxruntime-node'
import type { NetworkSource } from '../networks/network-source.ts'
import { ExtractorError } from './extractor.ts'

/** An ONNX file of the user's, run by onnxruntime on the processor. */
export interface OnnxModel {
  file: string
  inputs: readonly OnnxValue[]
  source(name: string): Promise<NetworkSource>
  tensor(
    type: 'float32' | 'int64' | 'int32',
    data: Float32Array | BigInt64Array | Int32Array,
    shape: readonly number[],
  ): ort.Tensor
  /** @throws ExtractorError with what onnxruntime says */
  run(feeds: Record<string, ort.Tensor>): Promise<Record<string, ort.Tensor>>
  dispose(): Promise<void>
}

export interface OnnxValue {
  name: string
  type: string
  /** Sizes; null where the model takes any. */
  shape: readonly (number | null)[]
}

/** @throws ExtractorError if there is no such file or it is no model that onnxruntime opens */
export async function openOnnxModel(path: string, threads: number): Promise<OnnxModel> {
  const file = basename(path)
  if (!(await stat(path).catch(() => null))?.isFile())
    throw new ExtractorError(`there is no file "${path}"; give the path of the network's ONNX file`)
  // The native library is loaded when the first model is wanted.
  const onnx = await import('onnxruntime-node')
  let session: ort.InferenceSession
  try {
    session = await onnx.InferenceSession.create(path, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    })
  } catch (error) {
    throw new ExtractorError(`"${path}" cannot be opened as an ONNX model: ${(error as Error).message}`, {
      cause: error,
    })
  }
  return {
    file,
    inputs: session.inputMetadata.map((value) => ({
      name: value.name,
      type: value.isTensor ? value.type : 'no tensor',
      shape: value.isTensor ? value.shape.map((size) => (typeof size === 'number' && size > 0 ? size : null)) : [],
    })),
    source: async (name) => ({ name, file: path, sha256: await sha256Of(path) }),
    tensor: (type, data, shape) => new onnx.Tensor(type, data as never, [...shape]),
    async run(feeds) {
      try {
        return (await session.run(feeds)) as Record<string, ort.Tensor>
      } catch (error) {
        throw new ExtractorError(`${file} cannot be run: ${(error as Error).message}`, { cause: error })
      }
    },
    dispose: () => session.release(),
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash, { end: false })
  return hash.digest('hex')
}

/** The one input that takes pictures, and how: [B, 3, side, side] or [B, side, side, 3] float32. */
export function pictureInput({ inputs, file }: OnnxModel): {
  name: string
  layout: 'NCHW' | 'NHWC'
  side: number | null
  batch: number | null
} {
  const described = inputs.map(
    ({ name, type, shape }) => `${name} ${type}[${shape.map((size) => size ?? '?').join(', ')}]`,
  )
  for (const { name, type, shape } of inputs) {
    if (type !== 'float32' || shape.length !== 4) continue
    const [batch = null, second, third, last] = shape
    if (second === 3 || (second === null && last !== 3))
      return { name, layout: 'NCHW', side: last ?? third ?? null, batch }
    if (last === 3) return { name, layout: 'NHWC', side: second ?? third ?? null, batch }
  }
  throw new ExtractorError(
    `${file} has no input for pictures, float32 [B, 3, side, side] or [B, side, side, 3]; it has ${described.join(', ')}`,
  )
}
