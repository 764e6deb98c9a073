import { cardValue, type MetricCard } from '../../../src-shared/metric-card.ts'

/** What a card says beside what most cards of codebook metrics have alike. */
export type CardFacts = Pick<MetricCard, 'metric' | 'unit' | 'definition' | 'source' | 'reference' | 'count'> &
  Partial<MetricCard> & { value: number }

/** @throws RangeError for a value that is not a number */
export const metricCard = (facts: CardFacts): MetricCard => ({
  ...{ higherIsBetter: null, extractor: null, resize: '', seed: null, interval: null, bias: null, warnings: [] },
  ...facts,
  value: cardValue(facts.value),
})

/** Something that was asked for and has no figure. */
export interface NotMeasured {
  what: string
  /** A sentence. */
  why: string
}

/** Cards, and what could not be measured. */
export interface Measured {
  cards: MetricCard[]
  notMeasured: NotMeasured[]
}
