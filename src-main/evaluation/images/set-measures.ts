import { cardValue, type MetricCard } from '../../../src-shared/metric-card.ts'
import { FeatureSetError } from '../frechet-distance.ts'
import { jackknife } from '../jackknife.ts'
import type { Extractor } from './extractor.ts'
import { type FeatureSetOfPictures, MOST_KEPT } from './feature-set.ts'
import { drawSubsets, subsetDistances } from './kernel-distance.ts'
import { NEIGHBOURS, precisionRecall } from './precision-recall.ts'
import type { Products, Vectors } from './products.ts'
import { pause, requireGoing, type Watch } from './progress.ts'
import type { ReferenceFeatures } from './reference-features.ts'
import { gaussian, gaussianDistance } from './statistics-distance.ts'

/** What the measured pictures are: names of distances and what is usual depend on it. */
export type Role = 'samples' | 'reconstructions'

/** A set, its reference, and all that cards of measures between them share. */
export interface Comparison {
  measured: FeatureSetOfPictures
  reference: ReferenceFeatures
  extractor: Extractor
  role: Role
  seed: number
  products: Products
  watch: Watch
  /** What every card of this comparison says. */
  card: Pick<MetricCard, 'extractor' | 'resize' | 'reference' | 'count' | 'warnings'>
}

/** Samples that published gFIDs take. */
const USUAL_SAMPLES = 50_000

/** "rFID", "gFID"; distances of other networks keep their own name. */
export const distanceName = ({ distance }: Extractor, role: Role): string =>
  distance === 'FID' ? (role === 'samples' ? 'gFID' : 'rFID') : distance

/** @throws FeatureSetError if a side has fewer than two pictures or no covariance */
export async function frechetCard({
  measured,
  reference,
  extractor,
  role,
  watch,
  card,
}: Comparison): Promise<MetricCard> {
  const to = gaussian(reference.statistics)
  await pause(watch)
  const { distance } = gaussianDistance(gaussian(measured.statistics), to)
  const without: number[] = []
  const parts = measured.withoutParts()
  watch.onProgress(0, parts.length || 1, 'parts of the jackknife')
  for (const [at, statistics] of parts.entries()) {
    await pause(watch)
    without.push(gaussianDistance(gaussian(statistics), to).distance)
    watch.onProgress(at + 1, parts.length, 'parts of the jackknife')
  }
  const found = without.length > 0 ? jackknife(distance, without) : null
  const few = (count: number | null, whose: string) =>
    count !== null && count <= measured.width
      ? [
          `${count} ${whose} are fewer than needed for the ${measured.width} features: the covariance is singular, and the distance is largely that of a small sample.`,
        ]
      : []
  const between = role === 'samples' ? 'generated samples and the reference' : 'pictures and their reconstructions'
  return {
    ...card,
    metric: distanceName(extractor, role),
    value: cardValue(distance),
    unit: 'squared feature distance',
    higherIsBetter: false,
    definition: `Fréchet distance between the Gaussians of ${extractor.source.name}'s features of ${between}: |μx − μy|² + tr Σx + tr Σy − 2 tr (Σx Σy)^½, float64, covariances with divisor n − 1; the trace of the root is the nuclear norm of pivoted Cholesky factors, without a ridge.${extractor.distance === 'FID' ? '' : ' It is not FID, whose features are those of the FID port of Inception.'}`,
    source: 'Heusel et al. 2017; covariances and root as pytorch-fid, clean-fid and torch-fidelity, equal to 1e-6',
    seed: null,
    interval:
      found && without.length > 2
        ? {
            low: found.low,
            high: found.high,
            method: '95 %, delete-a-tenth jackknife over the measured pictures, bias taken out',
          }
        : null,
    bias: found
      ? `About ${found.bias.toPrecision(3)} of the figure is due to there being only ${measured.count} measured pictures (${without.length > 2 ? 'jackknife over tenths' : 'whole against halves'}); the reference is taken as it is.`
      : 'Not estimated: fewer than 20 pictures.',
    warnings: [
      ...card.warnings,
      ...few(measured.count, 'measured pictures'),
      ...few(reference.statistics.count, 'reference pictures'),
      ...(role === 'samples' && measured.count < USUAL_SAMPLES
        ? [`Published figures take ${USUAL_SAMPLES.toLocaleString('en')} samples; of fewer the distance is larger.`]
        : []),
    ],
  }
}

/** Subsets and their size, as torch-fidelity has them by default. */
const [SUBSETS, SUBSET_SIZE] = [100, 1000]

/** @throws FeatureSetError if the reference has no vectors of its own */
export async function kernelCard(comparison: Comparison): Promise<MetricCard> {
  const { measured, extractor, seed, products, watch, card } = comparison
  const vectors = vectorsOf(comparison, 'KID')
  // Of fewer pictures half at a time: subsets of all of them would all be the same.
  const fewest = Math.min(measured.vectors.count, vectors.count)
  const size = Math.min(SUBSET_SIZE, Math.max(2, Math.floor(fewest / 2)))
  const subsets = drawSubsets([measured.vectors.count, vectors.count], size, SUBSETS, seed)
  const { mean, std } = await subsetDistances(measured.vectors, vectors, subsets, products, (done) => {
    requireGoing(watch)
    watch.onProgress(done, SUBSETS, 'kernel subsets')
  })
  return {
    ...card,
    metric: extractor.distance === 'FID' ? 'KID' : `KD-${extractor.source.name}`,
    value: cardValue(mean),
    unit: 'squared maximum mean discrepancy',
    higherIsBetter: false,
    definition: `Unbiased squared maximum mean discrepancy of ${extractor.source.name}'s features with the kernel (x·y / ${measured.width} + 1)³: mean over ${SUBSETS} subsets of ${size} pictures of each side, drawn without putting back; inner products in float32.`,
    source: 'Bińkowski et al. 2018; subsets as torch-fidelity',
    seed,
    interval: {
      low: mean - std,
      high: mean + std,
      method: `mean ± standard deviation over the ${SUBSETS} subsets, as torch-fidelity reports; no confidence interval`,
    },
    bias: 'None: the estimator is unbiased, and may be negative.',
    warnings: [
      ...card.warnings,
      ...(size < SUBSET_SIZE
        ? [`Subsets of ${size} pictures instead of ${SUBSET_SIZE}: half of the smaller set.`]
        : []),
      ...keptWarnings(comparison),
    ],
  }
}

/** @throws FeatureSetError if the reference has no vectors of its own, or there are as few as neighbours */
export async function precisionRecallCards(comparison: Comparison): Promise<MetricCard[]> {
  const { measured, extractor, products, watch, card } = comparison
  const vectors = vectorsOf(comparison, 'precision and recall')
  requireGoing(watch)
  const found = await precisionRecall(measured.vectors, vectors, products)
  const shared = {
    ...card,
    unit: 'share',
    higherIsBetter: true,
    source: 'Kynkäänniemi et al. 2019 (improved precision and recall), there with VGG16',
    seed: keptWarnings(comparison).length > 0 ? comparison.seed : null,
    interval: null,
    bias: `Changes with the numbers of pictures, here ${measured.vectors.count} and ${vectors.count}: compare at equal numbers only.`,
    warnings: [...card.warnings, ...keptWarnings(comparison)],
  }
  const ball = `the ball around one of them that reaches to its ${NEIGHBOURS}rd nearest neighbour, by ${extractor.source.name}'s features`
  return [
    {
      ...shared,
      metric: 'precision',
      value: cardValue(found.precision),
      definition: `Share of the measured pictures that lie among the reference's: within ${ball}.`,
    },
    {
      ...shared,
      metric: 'recall',
      value: cardValue(found.recall),
      definition: `Share of the reference's pictures that lie among the measured ones: within ${ball}.`,
    },
  ]
}

function vectorsOf({ reference, measured }: Comparison, what: string): Vectors {
  if (!reference.vectors)
    throw new FeatureSetError(
      `${what} needs the features of each reference picture, and ${reference.words} holds mean and covariance only; give a folder as --reference, or leave the metric out`,
    )
  for (const [count, whose] of [
    [measured.vectors.count, 'measured'],
    [reference.vectors.count, 'reference'],
  ] as const)
    if (count < 2) throw new FeatureSetError(`${what} needs two ${whose} pictures at least; there are ${count}`)
  return reference.vectors
}

const keptWarnings = ({ measured, reference }: Comparison): string[] =>
  (
    [
      [measured.count, 'measured'],
      [reference.statistics.count ?? 0, 'reference'],
    ] as const
  ).flatMap(([count, whose]) =>
    count > MOST_KEPT ? [`Measured on ${MOST_KEPT} of the ${count} ${whose} pictures, drawn by the seed.`] : [],
  )
