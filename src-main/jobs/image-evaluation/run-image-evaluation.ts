import { join } from 'node:path'
import { onnxRuntime } from '../../engine/runtimes/onnx.ts'
import type { Runtime } from '../../engine/runtimes/runtime.ts'
import { openClipText } from '../../evaluation/images/clip-text.ts'
import {
  evaluateImages,
  type ImageEvaluationResult,
  type ImageMetric,
} from '../../evaluation/images/evaluate-images.ts'
import type { Extractor } from '../../evaluation/images/extractor.ts'
import { openFolderGallery } from '../../evaluation/images/gallery.ts'
import type { InputConvention } from '../../evaluation/images/input-conventions.ts'
import { mobileNetExtractor } from '../../evaluation/images/mobilenet-extractor.ts'
import { openOnnxExtractor } from '../../evaluation/images/onnx-extractor.ts'
import { runtimeProducts } from '../../evaluation/images/products.ts'
import type { Watch } from '../../evaluation/images/progress.ts'
import type { Role } from '../../evaluation/images/set-measures.ts'
import { writeStatisticsFile } from '../../evaluation/images/statistics-file.ts'
import type { Captions } from '../../evaluation/images/text-measures.ts'
import { writeFileAtomic } from '../atomic-file.ts'
import { readCaptions, readClipTokens } from './captions.ts'
import { lpipsPairs } from './lpips-pairs.ts'
import { openReference, type ReferencePlace } from './open-reference.ts'
import { statisticsShelf } from './statistics-shelf.ts'

/** What is measured, by paths. */
export interface ImageEvaluationRequest {
  /** Folder of pictures. */
  images: string
  reference: ReferencePlace | null
  role: Role
  extractors: readonly ExtractorChoice[]
  /** null: all that what is given allows. */
  metrics: readonly ImageMetric[] | null
  seed: number
  /** Side to which pictures are cropped and scaled first; null: their own size. */
  side: number | null
  /** Folder or file of VGG16 and LPIPS weights; null without them. */
  lpips: string | null
  clipText: { model: string; tokenizer: string; captions: string | null } | null
  /** Where statistics of the measured pictures are written, .npz; null: nowhere. */
  saveStatistics: string | null
}

/** The packaged network, or an ONNX file of the user's. */
export type ExtractorChoice =
  | { kind: 'mobilenet-v2' }
  | { kind: string; path: string; convention?: InputConvention | undefined }

/**
 * Opens what a request names, measures, and lets all of it go, however that ends.
 * @param place.cache folder of what can be made again
 * @throws as `evaluateImages`; WeightsError, CaptionsError
 */
export async function runImageEvaluation(
  request: ImageEvaluationRequest,
  place: { cache: string; threads: number },
  watch: Watch,
): Promise<ImageEvaluationResult> {
  const owned: (() => Promise<void>)[] = []
  const own = <Opened>(opened: Opened, close: () => Promise<void>): Opened => {
    owned.push(close)
    return opened
  }
  try {
    const { side, lpips, clipText } = request
    const images = await openFolderGallery(request.images, side)
    const opened = request.reference && (await openReference(request.reference, side, place.cache))
    if (opened) own(opened, opened.close)
    const runtime = onnxRuntime({ threads: place.threads, cache: join(place.cache, 'graphs') })
    const extractors: Extractor[] = []
    for (const choice of request.extractors) {
      const extractor = await openExtractor(choice, runtime, place.threads)
      extractors.push(own(extractor, extractor.dispose))
    }
    const pairs = lpips === null ? null : await lpipsPairs(lpips, runtime)
    if (pairs) own(pairs, pairs.dispose)
    let captions: Captions | null = null
    if (clipText) {
      const text = await openClipText(clipText.model, await readClipTokens(clipText.tokenizer), place.threads)
      captions = { ...(await readCaptions(request.images, images, clipText.captions)), text: own(text, text.dispose) }
    }
    const { products, dispose } = runtimeProducts(runtime)
    owned.push(dispose)
    const result = await evaluateImages({
      images,
      reference: opened?.reference ?? null,
      role: request.role,
      extractors,
      metrics: request.metrics,
      seed: request.seed,
      products,
      lpips: pairs,
      captions,
      shelf: statisticsShelf(join(place.cache, 'statistics')),
      wantsStatistics: request.saveStatistics !== null,
      watch,
    })
    if (request.saveStatistics !== null && result.statistics)
      writeFileAtomic(request.saveStatistics, writeStatisticsFile({ ...result.statistics, vectors: null }))
    return result
  } finally {
    for (const close of owned.reverse()) await close()
  }
}

const openExtractor = async (choice: ExtractorChoice, runtime: Runtime, threads: number): Promise<Extractor> =>
  'path' in choice
    ? openOnnxExtractor(choice.kind, choice.path, { threads, convention: choice.convention })
    : mobileNetExtractor(runtime)
