import * as ort from 'onnxruntime-node'
import { OnnxBuilder } from '../onnx-builder.ts'

/** Widest block that any processor uses. */
const WIDEST = 16
let found: Promise<number> | undefined

/**
 * Channels per block of onnxruntime's blocked layout on this processor (8 with AVX2, 16 with AVX-512 and NEON), read off
 * a tiny map turned into that layout; 0 where onnxruntime has no blocked kernels here.
 */
export function channelBlock(): Promise<number> {
  found ??= probe()
  return found
}

async function probe(): Promise<number> {
  const builder = new OnnxBuilder()
  const shape = [1, WIDEST, 1, 2]
  builder.input('x', shape, 'float32')
  builder.output('y', builder.op('nchwc.ReorderInput', ['x']), shape, 'float32')
  let session: ort.InferenceSession
  try {
    session = await ort.InferenceSession.create(builder.encode('channel block'), { intraOpNumThreads: 1 })
  } catch {
    return 0
  }
  try {
    // Element 2c + p is channel c at position p; in blocks of b, position 1 of channel 0 comes b places after position 0.
    const x = Float32Array.from({ length: 2 * WIDEST }, (_, at) => at)
    const { y } = await session.run({ x: new ort.Tensor('float32', x, shape) })
    const block = y ? (y.data as Float32Array).indexOf(1) : 0
    return block > 1 ? block : 0
  } catch {
    return 0
  } finally {
    await session.release()
  }
}
