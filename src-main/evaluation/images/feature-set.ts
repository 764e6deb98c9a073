import type { Unreadable } from '../../data/source.ts'
import { PARTS } from '../jackknife.ts'
import { type Extractor, identityOf } from './extractor.ts'
import { type FeatureStatistics, requireFinite, StatisticsAccumulator } from './feature-statistics.ts'
import { type Extracted, extractAll } from './features-of.ts'
import type { Gallery } from './gallery.ts'
import type { Vectors } from './products.ts'
import type { Watch } from './progress.ts'
import { Reservoir } from './reservoir.ts'
import type { StatisticsFile } from './statistics-file.ts'

/** Vectors that are kept as they are, for measures that need pairs of them. */
export const MOST_KEPT = 10_000
/** Features up to which ten parts are accumulated side by side: 47 MB; beyond, two halves. */
const MOST_FEATURES_IN_PARTS = 768

/** Features of a set of pictures in constant memory: statistics of parts of it, and some of the vectors. */
export interface FeatureSetOfPictures {
  count: number
  width: number
  statistics: FeatureStatistics
  /** Of all but one part, for each part, with its count; none where a part would be left with fewer than two. */
  withoutParts: () => FeatureStatistics[]
  vectors: Vectors
  unreadable: readonly Unreadable[]
}

/** @param take gets each picture's features and logits as well */
export async function measureFeatures(
  gallery: Gallery,
  extractor: Extractor,
  options: { seed: number; what: string; watch: Watch; take?: (extracted: Extracted) => void },
): Promise<FeatureSetOfPictures> {
  const { width } = extractor
  const enough = gallery.names.length >= 2 * PARTS
  const parts = Array.from({ length: enough ? (width <= MOST_FEATURES_IN_PARTS ? PARTS : 2) : 1 }, () => {
    return new StatisticsAccumulator(width)
  })
  const reservoir = new Reservoir(width, MOST_KEPT, options.seed)
  let count = 0
  const unreadable = await extractAll(gallery, extractor, options.what, options.watch, (extracted) => {
    const { at, features } = extracted
    requireFinite(features, width, () => `picture "${gallery.names[at]}"`)
    parts[count++ % parts.length]?.add(features)
    reservoir.add(features)
    options.take?.(extracted)
  })
  const all = (left: number | null): FeatureStatistics => {
    const whole = new StatisticsAccumulator(width)
    for (const [at, part] of parts.entries()) if (at !== left) whole.addAll(part)
    return whole.statistics()
  }
  return {
    count,
    width,
    statistics: all(null),
    // Pictures that could not be read may have left too few.
    withoutParts: () => (parts.length > 1 && count >= 2 * PARTS ? parts.map((_, at) => all(at)) : []),
    vectors: reservoir.vectors(),
    unreadable,
  }
}

/** The set as a file of statistics. */
export const statisticsOf = (
  { statistics, vectors }: Pick<FeatureSetOfPictures, 'statistics' | 'vectors'>,
  extractor: Extractor,
): StatisticsFile => ({ statistics, vectors, madeBy: identityOf(extractor) })
