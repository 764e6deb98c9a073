import type { MetricCard } from '../../../src-shared/metric-card.ts'
import { BOOTSTRAP } from '../../evaluation/bootstrap.ts'
import { codeHistograms, pixelFeatures } from '../../evaluation/code-histograms.ts'
import { type ProbedShare, probeClasses, probes } from '../../evaluation/probing.ts'
import { type Measured, metricCard } from './cards.ts'
import type { SetCodes } from './set-codes.ts'

/** Pictures with known classes, and pictures of other concepts that are asked about. */
export interface ProbedSet {
  /** Of the references and then of those that are asked about: codes, and pixels U8 [count, S, S, 3]. */
  codes: Pick<SetCodes, 'rows' | 'sides'>
  pixels: Uint8Array
  resolution: number
  known: string[]
  asked: string[]
  /** Concepts of those that are asked about. */
  concepts: string[]
  /** What a class is: "group" or "subgroup". */
  by: string
  /** Held-out pictures that are not asked about, for their class is none of the references'. */
  leftOut: number
  /** What the references and the others are, in words. */
  words: string
}

const named = { nearest: 'five nearest neighbours', linear: 'linear probe' }
const defined = {
  nearest:
    'Share of the pictures whose class is that of most of their five nearest references, by cosine; of as many votes the nearer one (Cover & Hart 1967).',
  linear:
    'Share of the pictures whose class has the largest output of a linear least-squares fit to the references, its strength chosen by leaving each reference out (Rifkin, Yeo & Poggio 2003; probing: Alain & Bengio 2016).',
}
const HISTOGRAM =
  'Features: of each layer, the share of its places that each code takes; where codes stand plays no part.'
const PIXELS =
  'Features: the pixels, averaged to at most 32 × 32, without the mean picture of the references: what can be told without any codes.'

/** Accuracy of telling classes from code histograms, beside pixels, chance and the commonest class. */
export function probeCards(set: ProbedSet, seed: number): Measured {
  const { known, asked, concepts, by, leftOut, words } = set
  const notMeasured = (why: string): Measured => ({ cards: [], notMeasured: [{ what: `Probing by ${by}`, why }] })
  if (new Set(known).size < 2)
    return notMeasured(
      `the training pictures have ${new Set(known).size} ${by}; probing tells at least 2 classes apart`,
    )
  if (asked.length === 0) return notMeasured(`no held-out picture has a ${by} that training pictures have`)
  const histograms = codeHistograms(set.codes.rows, set.codes.sides, known.length + asked.length)
  const result = probeClasses(
    { known, asked, groups: concepts },
    [
      { name: 'codes', ...histograms },
      { name: 'pixels', ...pixelFeatures(set.pixels, set.resolution, known.length) },
    ],
    seed,
  )
  const warnings = [
    ...(leftOut > 0 ? [`${leftOut} pictures of ${by}s that no training picture has are not asked about`] : []),
    ...(new Set(concepts).size < 30
      ? [`the interval is drawn from ${new Set(concepts).size} concepts, which are few`]
      : []),
  ]
  const share = ({ mean, low, high }: ProbedShare): Pick<MetricCard, 'interval'> & { value: number } => ({
    value: mean,
    interval: { low, high, method: BOOTSTRAP },
  })
  const facts = { unit: 'share', reference: words, count: asked.length, seed, warnings }
  const told = `${result.classes} ${by}s`
  const cards = probes.flatMap((probe) => [
    metricCard({
      ...facts,
      ...share(result.accuracy[probe].codes as ProbedShare),
      metric: `Probing code histograms, ${named[probe]}`,
      higherIsBetter: true,
      definition: `${defined[probe]} ${HISTOGRAM} Classes: ${told}.`,
      source: 'this workbench',
    }),
    metricCard({
      ...facts,
      ...share(result.accuracy[probe].pixels as ProbedShare),
      metric: `Probing pixels, ${named[probe]}`,
      definition: `${defined[probe]} ${PIXELS} Classes: ${told}.`,
      source: 'this workbench',
    }),
    metricCard({
      ...facts,
      ...share(result.advantage?.[probe] as ProbedShare),
      metric: `Codes before pixels, ${named[probe]}`,
      higherIsBetter: true,
      definition:
        'Difference of the two accuracies above, picture by picture: where its interval holds 0, neither is shown to tell classes better.',
      source: 'this workbench',
    }),
  ])
  return {
    cards: [
      ...cards,
      metricCard({
        ...facts,
        ...share(result.majority),
        metric: 'Probing, commonest class',
        definition: `Share of the pictures whose class is the commonest of the references. Classes: ${told}.`,
        source: 'this workbench',
      }),
      metricCard({
        ...facts,
        value: result.chance,
        metric: 'Probing, chance',
        definition: `1 / ${result.classes}: what drawing one of the ${told} gives.`,
        source: 'this workbench',
      }),
    ],
    notMeasured: [],
  }
}
