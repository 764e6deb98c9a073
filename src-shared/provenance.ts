import { z } from 'zod'

/**
 * Where a number comes from. A number without its extractor, reference set, crop, count and definition is not a number;
 * the definition of each metric stands in metrics.ts, the rest on its card.
 */
export const provenanceCardSchema = z.object({
  /** The network whose features are measured and its files; '' where none is. */
  extractor: z.string(),
  /** sha256 of those files; '' where there are none. */
  extractorHash: z.string(),
  /** What is measured on: source and split, in words. */
  referenceSet: z.string(),
  /** sha256 of what is measured on, '' where it has none. */
  referenceHash: z.string(),
  /** Crop, resizing and range of values before the measure. */
  transform: z.string(),
  /** Number of those pictures or texts, and '' or what they are. */
  count: z.number(),
  unit: z.string(),
  /** This software, with its version. */
  software: z.string(),
})
export type ProvenanceCard = z.infer<typeof provenanceCardSchema>

/** Cards by metric name or by the beginning of one that ends with a dot: "heldout." is for all that have no card of their own. */
export type ProvenanceCards = Record<string, ProvenanceCard>

/** The card of a metric: its own, or that of the longest beginning of its name; undefined if there is none. */
export function cardOf(cards: ProvenanceCards, metric: string): ProvenanceCard | undefined {
  for (let name = metric; name !== ''; name = name.slice(0, name.slice(0, -1).lastIndexOf('.') + 1)) {
    const card = cards[name]
    if (card) return card
  }
  return undefined
}

/** What several runs' cards have in common; where they differ, the field says so. */
export function commonCards(all: readonly ProvenanceCards[]): ProvenanceCards {
  const [first, ...others] = all
  if (!first) return {}
  return Object.fromEntries(
    Object.entries(first).map(([name, card]) => {
      const alike = (field: keyof ProvenanceCard) => others.every((cards) => cards[name]?.[field] === card[field])
      const word = <Field extends keyof ProvenanceCard>(field: Field, otherwise: ProvenanceCard[Field]) =>
        alike(field) ? card[field] : otherwise
      return [
        name,
        {
          extractor: word('extractor', 'differs between the runs'),
          extractorHash: word('extractorHash', 'differs between the runs'),
          referenceSet: word('referenceSet', 'differs between the runs'),
          referenceHash: word('referenceHash', 'differs between the runs'),
          transform: word('transform', 'differs between the runs'),
          count: word('count', -1),
          unit: word('unit', 'differs between the runs'),
          software: word('software', 'differs between the runs'),
        },
      ]
    }),
  )
}

/** The lines of a card for people: what, and its value. */
export function cardLines(card: ProvenanceCard): [name: string, value: string][] {
  const short = (hash: string) => (/^[\da-f]{64}$/.test(hash) ? `sha256 ${hash.slice(0, 12)}…` : hash)
  const withHash = (text: string, hash: string) => (hash === '' ? text : `${text}, ${short(hash)}`)
  return [
    ...(card.extractor === '' ? [] : [['Extractor', withHash(card.extractor, card.extractorHash)] as [string, string]]),
    ['Measured on', withHash(card.referenceSet, card.referenceHash)],
    ['Count', card.count < 0 ? 'differs between the runs' : `${card.count} ${card.unit}`],
    ['Crop and size', card.transform],
    ['Software', card.software],
  ]
}
