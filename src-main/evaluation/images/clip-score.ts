import { FeatureSetError } from '../frechet-distance.ts'

/** CLIP scores of pairs, in the conventions that publications have; they are not interchangeable. */
export interface ClipScores {
  /** Of each pair. */
  cosine: number[]
  /** Plain mean, negative values kept: what tables with values near 0.3 mean. */
  cosineMean: number
  /** Mean of 2.5 · max(cosine, 0): CLIPScore as Hessel et al. 2021 define it. */
  scaled2_5ClampedEach: number
  /** Mean of 100 · max(cosine, 0). */
  scaled100ClampedEach: number
  /** max(100 · mean cosine, 0): what torchmetrics returns. */
  scaled100ClampedMean: number
}

/**
 * @param images, texts [pairs, width], flat, of any length each
 * @throws FeatureSetError for different sizes, no pairs, and an embedding that is zero or not finite
 */
export function clipScores(images: Float32Array, texts: Float32Array, width: number): ClipScores {
  if (images.length !== texts.length || images.length % width !== 0)
    throw new FeatureSetError(`${images.length} and ${texts.length} numbers are not pairs of embeddings of ${width}`)
  const pairs = images.length / width
  if (pairs === 0) throw new FeatureSetError('no pairs of pictures and texts: there is no CLIP score')
  const cosine = Array.from({ length: pairs }, (_, pair) => cosineOf(images, texts, pair, width))
  const mean = (of: (cosine: number) => number) => cosine.reduce((sum, value) => sum + of(value), 0) / pairs
  const cosineMean = mean((value) => value)
  const clamped = mean((value) => Math.max(value, 0))
  return {
    cosine,
    cosineMean,
    scaled2_5ClampedEach: 2.5 * clamped,
    scaled100ClampedEach: 100 * clamped,
    scaled100ClampedMean: Math.max(100 * cosineMean, 0),
  }
}

function cosineOf(images: Float32Array, texts: Float32Array, pair: number, width: number): number {
  let [product, image, text] = [0, 0, 0]
  for (let at = pair * width; at < (pair + 1) * width; at++) {
    const [a, b] = [images[at] as number, texts[at] as number]
    product += a * b
    image += a * a
    text += b * b
  }
  const norms = Math.sqrt(image) * Math.sqrt(text)
  if (!(norms > 0 && Number.isFinite(norms)))
    throw new FeatureSetError(`an embedding of pair ${pair} is zero or not finite: it has no direction`)
  return product / norms
}
