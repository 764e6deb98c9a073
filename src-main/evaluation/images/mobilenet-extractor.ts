import type { Runtime } from '../../engine/runtimes/runtime.ts'
import { MOBILENET_SIDE, openMobileNetV2 } from '../networks/mobilenet-v2.ts'
import { createPictureFeatures, FEATURE_BATCH, FEATURE_WIDTH } from '../networks/picture-features.ts'
import type { Extractor } from './extractor.ts'
import { plain } from './input-conventions.ts'

/** The packaged MobileNetV2. Its distance is FD-MobileNetV2 and never FID. */
export function mobileNetExtractor(runtime: Runtime): Extractor {
  const network = createPictureFeatures(runtime, MOBILENET_SIDE)
  const size = MOBILENET_SIDE * MOBILENET_SIDE * 3
  return {
    source: openMobileNetV2().source,
    distance: 'FD-MobileNetV2',
    width: FEATURE_WIDTH,
    classes: 0,
    batch: FEATURE_BATCH,
    resize: plain.words(MOBILENET_SIDE),
    warnings: [],
    // The network's program takes −1..1 and makes 0..1 of it.
    prepare: (picture) => plain.prepare(picture, MOBILENET_SIDE).map((value) => 2 * value - 1),
    async run(prepared) {
      const images = new Float32Array(FEATURE_BATCH * size)
      for (const [row, values] of prepared.entries()) images.set(values, row * size)
      return { features: await network.measure(images, prepared.length), logits: new Float32Array(0) }
    },
    dispose: () => network.dispose(),
  }
}
