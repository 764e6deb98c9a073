import { createHash } from 'node:crypto'
import { FeatureSetError } from '../frechet-distance.ts'
import { type Extractor, identityOf } from './extractor.ts'
import { measureFeatures, statisticsOf } from './feature-set.ts'
import type { Gallery } from './gallery.ts'
import type { Watch } from './progress.ts'
import { readStatisticsFile, type StatisticsFile, writeStatisticsFile } from './statistics-file.ts'

/** What a set of pictures is compared with. */
export type Reference =
  | { kind: 'pictures'; gallery: Gallery }
  /** A .npz file, by its name and content. */
  | { kind: 'statistics'; path: string; bytes: Uint8Array }

/** Where statistics of references stay, by keys that change with what they depend on. */
export interface StatisticsShelf {
  read(key: string): Uint8Array | null
  write(key: string, parts: readonly Uint8Array[]): void
}

export interface ReferenceFeatures extends StatisticsFile {
  /** For cards: what it is, with its hash. */
  words: string
  warnings: string[]
}

/** Changes when the same pictures would give other statistics. */
const FORMAT = 1

/**
 * The reference's statistics: from the shelf if the same pictures went through the same network before.
 * @throws FeatureSetError if a file was made by another extractor, or for other numbers of features
 */
export async function referenceFeatures(
  reference: Reference,
  extractor: Extractor,
  seed: number,
  shelf: StatisticsShelf,
  watch: Watch,
): Promise<ReferenceFeatures> {
  if (reference.kind === 'statistics') return ofFile(reference, extractor)
  const { gallery } = reference
  const hash = await gallery.contentHash()
  const key = createHash('sha256')
    .update(JSON.stringify([FORMAT, hash, gallery.crop, identityOf(extractor), seed]))
    .digest('hex')
  const words = `${gallery.words}, ${gallery.names.length} pictures, sha256 ${hash}`
  const kept = shelf.read(key)
  if (kept) {
    const file = readStatisticsFile(kept, `kept statistics ${key}`)
    return { ...file, words, warnings: missingWarnings(gallery, file.statistics.count ?? 0) }
  }
  const set = await measureFeatures(gallery, extractor, { seed, what: 'reference pictures', watch })
  const file = statisticsOf(set, extractor)
  shelf.write(key, writeStatisticsFile(file))
  return { ...file, words, warnings: missingWarnings(gallery, set.count) }
}

const missingWarnings = ({ names }: Gallery, count: number): string[] =>
  count < names.length ? [`${names.length - count} of ${names.length} reference pictures could not be read.`] : []

function ofFile({ path, bytes }: { path: string; bytes: Uint8Array }, extractor: Extractor): ReferenceFeatures {
  const file = readStatisticsFile(bytes, path)
  const width = file.statistics.mean.length
  if (width !== extractor.width)
    throw new FeatureSetError(
      `${path} holds statistics of ${width} features and ${extractor.source.name} gives ${extractor.width}: they were made by another extractor; choose it with --extractor`,
    )
  if (file.madeBy !== null && file.madeBy !== identityOf(extractor))
    throw new FeatureSetError(
      `${path} was made by "${file.madeBy}", and the pictures would go through "${identityOf(extractor)}": the two cannot be compared`,
    )
  const words = `statistics ${path}${file.statistics.count === null ? '' : ` of ${file.statistics.count} pictures`}, sha256 ${createHash('sha256').update(bytes).digest('hex')}`
  const warnings =
    file.madeBy === null
      ? [
          'The statistics file does not say which extractor, resizing and pictures it was made of; only the number of features was checked.',
        ]
      : []
  return { ...file, words, warnings }
}
