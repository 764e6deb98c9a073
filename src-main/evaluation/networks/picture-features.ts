import { compile } from '../../engine/compile.ts'
import { lazyProgram } from '../../engine/runtimes/lazy-program.ts'
import { float32, floats, type Runtime } from '../../engine/runtimes/runtime.ts'
import { tf } from '../../engine/tf.ts'
import { resizeBilinear } from '../resize.ts'
import { MOBILENET_SIDE, openMobileNetV2, toUnitRange } from './mobilenet-v2.ts'

/** Width of a picture's features. */
export const FEATURE_WIDTH = 576
/** Pictures that go through the network together; at 224 px one takes about 5 MB in its widest layer. */
export const FEATURE_BATCH = 8

/** MobileNetV2's features of pictures: block_13_expand_relu, averaged over its map. The network is opened when it is first wanted. */
export interface PictureFeatures {
  /**
   * @param pictures [FEATURE_BATCH, S, S, 3], flat, in [−1, 1], of which `count` count
   * @returns [count, FEATURE_WIDTH], flat
   */
  measure(pictures: Float32Array, count: number): Promise<Float32Array>
  dispose(): Promise<void>
}

/** @param side S */
export function createPictureFeatures(runtime: Runtime, side: number): PictureFeatures {
  const shape = [FEATURE_BATCH, side, side, 3]
  const program = lazyProgram(() =>
    compile(runtime, runtime.createState({}), 'features', { images: { shape } }, [], (tensors) => {
      const [map] = openMobileNetV2().features.bind()(
        toUnitRange(resizeBilinear(tensors.images as tf.Tensor, MOBILENET_SIDE)),
      )
      return { features: tf.mean(map as tf.Tensor, [1, 2]) }
    }),
  )
  return {
    async measure(pictures, count) {
      const out = await program.run({ images: float32(pictures, shape) })
      return floats(out, 'features').slice(0, count * FEATURE_WIDTH)
    },
    dispose: () => program.dispose(),
  }
}

/** The same of pixels U8 [S, S, 3] each. @returns [pictures, FEATURE_WIDTH], flat */
export async function featuresOf(
  features: PictureFeatures,
  pictures: readonly Uint8Array[],
  side: number,
): Promise<Float32Array> {
  const size = side * side * 3
  const all = new Float32Array(pictures.length * FEATURE_WIDTH)
  for (let begin = 0; begin < pictures.length; begin += FEATURE_BATCH) {
    const part = pictures.slice(begin, begin + FEATURE_BATCH)
    const batch = new Float32Array(FEATURE_BATCH * size)
    for (const [row, pixels] of part.entries())
      for (let at = 0; at < size; at++) batch[row * size + at] = (pixels[at] as number) / 127.5 - 1
    all.set(await features.measure(batch, part.length), begin * FEATURE_WIDTH)
  }
  return all
}
