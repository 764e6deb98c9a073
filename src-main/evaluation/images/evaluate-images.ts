import type { MetricCard } from '../../../src-shared/metric-card.ts'
import type { Unreadable } from '../../data/source.ts'
import { inceptionMeasure } from './class-measures.ts'
import type { Extractor } from './extractor.ts'
import { type FeatureSetOfPictures, measureFeatures, statisticsOf } from './feature-set.ts'
import type { Gallery } from './gallery.ts'
import { type PairMetric, type PairNetwork, pairCards, pairMetrics } from './pair-measures.ts'
import type { Products } from './products.ts'
import type { Watch } from './progress.ts'
import { type Reference, referenceFeatures, type StatisticsShelf } from './reference-features.ts'
import { type Comparison, frechetCard, kernelCard, precisionRecallCards, type Role } from './set-measures.ts'
import type { StatisticsFile } from './statistics-file.ts'
import { type Captions, clipMeasure } from './text-measures.ts'

/** What a set of pictures can be measured by. */
export const imageMetrics = ['fd', 'kid', 'precision-recall', 'is', 'clip', ...pairMetrics] as const
export type ImageMetric = (typeof imageMetrics)[number]

export interface ImageEvaluation {
  images: Gallery
  reference: Reference | null
  /** Reconstructions are pairs with the reference's pictures of the same names. */
  role: Role
  extractors: readonly Extractor[]
  /** null: all that what is given allows. */
  metrics: readonly ImageMetric[] | null
  seed: number
  products: Products
  lpips: PairNetwork | null
  captions: Captions | null
  shelf: StatisticsShelf
  /** Whether statistics of the measured pictures are wanted, even where no metric needs them. */
  wantsStatistics: boolean
  watch: Watch
}

export interface ImageEvaluationResult {
  cards: MetricCard[]
  /** Pictures that were left out; the cards say how many. */
  unreadable: readonly Unreadable[]
  /** Of the measured pictures, by the first extractor; null where none was needed. */
  statistics: StatisticsFile | null
}

/** Metrics were asked for that what is given does not allow. */
export class ImageEvaluationError extends Error {
  override name = 'ImageEvaluationError'
}

/**
 * Measures a folder of pictures, whichever system made them. Each figure comes on a card that says what it depends on.
 * @throws ImageEvaluationError naming what a metric lacks; DataError, FeatureSetError, ExtractorError about what is given;
 *   EvaluationStopped
 */
export async function evaluateImages(evaluation: ImageEvaluation): Promise<ImageEvaluationResult> {
  const wanted = chosenMetrics(evaluation)
  const cards: MetricCard[] = []
  let first: { set: FeatureSetOfPictures; extractor: Extractor } | null = null
  const byFeatures =
    evaluation.wantsStatistics || [...wanted].some((metric) => !pairMetrics.includes(metric as PairMetric))
  for (const extractor of byFeatures ? evaluation.extractors : []) {
    const measured = await measureBy(evaluation, extractor, wanted)
    first ??= { set: measured.set, extractor }
    cards.push(...measured.cards)
  }
  const { images, reference, lpips, watch } = evaluation
  const pairs = pairMetrics.filter((metric) => wanted.has(metric))
  if (pairs.length > 0 && reference?.kind === 'pictures')
    cards.push(...(await pairCards(images, reference.gallery, pairs, lpips, watch)))
  return {
    cards,
    unreadable: [...images.refused, ...(first?.set.unreadable ?? [])],
    statistics: first && statisticsOf(first.set, first.extractor),
  }
}

const CLIP = 'CLIP'

/** @throws ImageEvaluationError naming what a metric lacks */
function chosenMetrics({
  reference,
  role,
  extractors,
  metrics,
  lpips,
  captions,
  wantsStatistics,
}: ImageEvaluation): Set<ImageMetric> {
  const lacks = (metric: ImageMetric): string | null => {
    if (metric === 'is')
      return extractors.some(({ classes }) => classes > 0)
        ? null
        : 'an extractor with class logits, such as --extractor inception=FILE.onnx'
    if (metric === 'clip') {
      if (!extractors.some(({ source }) => source.name === CLIP)) return 'CLIP, --extractor clip=FILE.onnx'
      return captions
        ? null
        : "CLIP's text side and its tokenizer, --clip-text FILE.onnx --clip-tokenizer tokenizer.json"
    }
    if (!reference) return 'something to compare with, --reference'
    if (!pairMetrics.includes(metric as PairMetric)) return extractors.length > 0 ? null : 'an extractor'
    if (reference.kind !== 'pictures') return 'pictures as the reference; statistics hold none'
    if (role !== 'reconstructions') return 'reconstructions of the reference’s pictures, --as reconstructions'
    return metric === 'lpips' && !lpips ? 'its weights, --lpips' : null
  }
  if (!metrics) {
    const possible = imageMetrics.filter((metric) => lacks(metric) === null)
    const usable = possible.filter(
      (metric) => reference?.kind !== 'statistics' || (metric !== 'kid' && metric !== 'precision-recall'),
    )
    if (usable.length === 0 && !wantsStatistics)
      throw new ImageEvaluationError(
        'nothing can be measured: give --reference, an extractor with class logits, or --save-statistics',
      )
    return new Set(usable)
  }
  for (const metric of metrics) {
    const lacking = lacks(metric)
    if (lacking) throw new ImageEvaluationError(`"${metric}" needs ${lacking}`)
  }
  return new Set(metrics)
}

async function measureBy(
  { images, reference, role, seed, products, captions, shelf, watch }: ImageEvaluation,
  extractor: Extractor,
  wanted: ReadonlySet<ImageMetric>,
): Promise<{ set: FeatureSetOfPictures; cards: MetricCard[] }> {
  const classes =
    wanted.has('is') && extractor.classes > 0 ? inceptionMeasure(images.names.length, extractor, seed) : null
  const texts =
    wanted.has('clip') && captions && extractor.source.name === CLIP ? clipMeasure(images, extractor, captions) : null
  const compared = ['fd', 'kid', 'precision-recall'] as const
  // The reference first: what is wrong with it should show before an hour has gone by.
  const other =
    reference && compared.some((metric) => wanted.has(metric))
      ? await referenceFeatures(reference, extractor, seed, shelf, watch)
      : null
  const set = await measureFeatures(images, extractor, {
    ...{ seed, what: 'pictures', watch },
    take(extracted) {
      classes?.take(extracted)
      texts?.take(extracted)
    },
  })
  const { name, sha256, file } = extractor.source
  const left = images.names.length - set.count
  const shared = {
    extractor: { name, sha256, file },
    resize: [images.crop, extractor.resize].filter((words) => words !== '').join('; then '),
    count: set.count,
    warnings: [
      ...extractor.warnings,
      ...(left > 0
        ? [`${left} of ${images.names.length} pictures could not be read; the first: ${set.unreadable[0]?.file}.`]
        : []),
      ...(images.refused.length > 0 ? [`${images.refused.length} entries of the folder were not followed.`] : []),
    ],
  }
  const cards: MetricCard[] = []
  if (other) {
    const card = { ...shared, reference: other.words, warnings: [...shared.warnings, ...other.warnings] }
    const comparison: Comparison = {
      ...{ measured: set, reference: other, extractor, role, seed, products, watch },
      card,
    }
    if (wanted.has('fd')) cards.push(await frechetCard(comparison))
    if (wanted.has('kid')) cards.push(await kernelCard(comparison))
    if (wanted.has('precision-recall')) cards.push(...(await precisionRecallCards(comparison)))
  }
  if (classes) cards.push(classes.card(shared))
  if (texts) cards.push(...(await texts.cards(shared, watch)))
  return { set, cards }
}
