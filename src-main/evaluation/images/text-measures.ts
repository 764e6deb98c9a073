import { cardValue, type MetricCard } from '../../../src-shared/metric-card.ts'
import { DataError } from '../../data/source.ts'
import { FeatureSetError } from '../frechet-distance.ts'
import { clipScores } from './clip-score.ts'
import type { ClipText } from './clip-text.ts'
import type { Extractor } from './extractor.ts'
import type { Extracted } from './features-of.ts'
import type { Gallery } from './gallery.ts'
import { intervalOf } from './pair-measures.ts'
import { requireGoing, type Watch } from './progress.ts'

/** What pictures should show. */
export interface Captions {
  /** Where they are from, in words. */
  words: string
  /** @returns undefined if a picture has none */
  of(name: string): string | undefined
  text: ClipText
}

/** Collects CLIP's embeddings of pictures while they go through a network. */
export interface TextMeasure {
  take(extracted: Extracted): void
  cards(shared: Pick<MetricCard, 'extractor' | 'resize' | 'count' | 'warnings'>, watch: Watch): Promise<MetricCard[]>
}

/** @throws DataError naming pictures without a text */
export function clipMeasure(gallery: Gallery, { width }: Extractor, captions: Captions): TextMeasure {
  const without = gallery.names.filter((name) => !captions.of(name)?.trim())
  if (without.length > 0)
    throw new DataError(
      `${without.length} pictures have no text in ${captions.words}: ${without.slice(0, 3).join(', ')}${without.length > 3 ? ', …' : ''}; a CLIP score needs one for each`,
    )
  const images: { at: number; embedding: Float32Array }[] = []
  return {
    take: ({ at, features }) => void images.push({ at, embedding: features.slice() }),
    async cards(shared, watch) {
      const [left, right] = [new Float32Array(images.length * width), new Float32Array(images.length * width)]
      let cut = 0
      for (const [row, { at, embedding }] of images.entries()) {
        requireGoing(watch)
        const text = await captions.text.embed(captions.of(gallery.names[at] as string) as string)
        if (text.embedding.length !== width)
          throw new FeatureSetError(
            `CLIP's picture side gives ${width} numbers and its text side ${text.embedding.length}: the two files do not belong together`,
          )
        left.set(embedding, row * width)
        right.set(text.embedding, row * width)
        if (text.cut) cut++
        watch.onProgress(row + 1, images.length, 'texts')
      }
      const scores = clipScores(left, right, width)
      const { source } = captions.text
      const card = {
        ...shared,
        higherIsBetter: true,
        reference: captions.words,
        seed: null,
        bias: 'None: a mean over pairs.',
        warnings: [
          ...shared.warnings,
          `Texts went through ${source.file}, sha256 ${source.sha256}, as they are: nothing was put before them.`,
          ...(cut > 0 ? [`${cut} texts were cut to the 77 tokens that CLIP reads.`] : []),
        ],
      }
      const conventions = [
        {
          metric: 'CLIP score (cosine)',
          value: scores.cosineMean,
          unit: 'cosine, −1 to 1',
          definition: 'Mean over pairs of the cosine between picture and text embedding, negative values kept.',
          source: 'Radford et al. 2021; what tables with values near 0.3 mean',
          interval: intervalOf(scores.cosine),
        },
        {
          metric: 'CLIPScore (2.5, clamped each)',
          value: scores.scaled2_5ClampedEach,
          unit: '0 to 2.5',
          definition: 'Mean over pairs of 2.5 · max(cosine, 0). The publication puts "A photo depicts" before texts.',
          source: 'Hessel et al. 2021',
          interval: intervalOf(scores.cosine.map((value) => 2.5 * Math.max(value, 0))),
        },
        {
          metric: 'CLIP score (100, clamped each)',
          value: scores.scaled100ClampedEach,
          unit: '0 to 100',
          definition: 'Mean over pairs of 100 · max(cosine, 0).',
          source: 'a convention of text-to-image tables',
          interval: intervalOf(scores.cosine.map((value) => 100 * Math.max(value, 0))),
        },
        {
          metric: 'CLIP score (100, clamped mean)',
          value: scores.scaled100ClampedMean,
          unit: '0 to 100',
          definition: 'max(100 · mean cosine, 0): clamped once, after averaging.',
          source: 'torchmetrics clip_score',
          interval: null,
        },
      ]
      return conventions.map((convention) => ({ ...card, ...convention, value: cardValue(convention.value) }))
    },
  }
}
