import { cardValue, type MetricCard } from '../../../src-shared/metric-card.ts'
import { createRandom, shuffle } from '../../data/random.ts'
import type { Extractor } from './extractor.ts'
import type { Extracted } from './features-of.ts'
import { InceptionScoreAccumulator, partOf, SPLITS } from './inception-score.ts'

/** Collects an Inception Score while pictures go through a network. */
export interface ClassMeasure {
  take(extracted: Extracted): void
  /** @throws FeatureSetError if there are fewer pictures than parts */
  card(shared: Pick<MetricCard, 'extractor' | 'resize' | 'count' | 'warnings'>): MetricCard
}

/** Pictures that published Inception Scores take. */
const USUAL_SAMPLES = 50_000

/** @param count pictures of the gallery: they are cut into parts in an order by the seed */
export function inceptionMeasure(count: number, { classes, source, distance }: Extractor, seed: number): ClassMeasure {
  const score = new InceptionScoreAccumulator(classes, SPLITS)
  const place = shuffle(
    Int32Array.from({ length: count }, (_, at) => at),
    createRandom(seed, 'inception score'),
  )
  return {
    take: ({ at, logits }) => score.add(logits, partOf(place[at] as number, count, SPLITS)),
    card(shared) {
      const { mean, std } = score.score()
      return {
        ...shared,
        metric: distance === 'FID' ? 'Inception Score' : `class score (${source.name})`,
        value: cardValue(mean),
        unit: `1 to ${classes}`,
        higherIsBetter: true,
        definition: `exp of the mean of Σc p (log p − log q) over a part of the pictures, q the part's mean of p, p the softmax of ${source.name}'s ${classes} logits in float64; mean over ${SPLITS} parts, drawn in an order by the seed.`,
        source: 'Salimans et al. 2016; parts as torch-fidelity',
        reference: 'none',
        seed,
        interval: {
          low: mean - std,
          high: mean + std,
          method: `mean ± population standard deviation over the ${SPLITS} parts, as publications report; no confidence interval`,
        },
        bias: `Too low for few pictures: a part of ${Math.floor(shared.count / SPLITS)} shows at most so many classes. Compare at equal numbers.`,
        warnings: [
          ...shared.warnings,
          ...(shared.count < USUAL_SAMPLES
            ? [`Published scores take ${USUAL_SAMPLES.toLocaleString('en')} samples.`]
            : []),
        ],
      }
    },
  }
}
