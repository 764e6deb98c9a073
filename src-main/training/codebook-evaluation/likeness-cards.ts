import type { MetricCard } from '../../../src-shared/metric-card.ts'
import { metricCard } from './cards.ts'
import type { CodeLikeness } from './likeness.ts'
import type { SetFacts } from './usage-cards.ts'

/** Text-likeness of the codes that a set uses: how near they are to the language model's rows. @param likeness one code at least */
export function likenessCards(
  likeness: readonly CodeLikeness[],
  { vocabulary, model }: { vocabulary: number; model: string },
  set: SetFacts,
): MetricCard[] {
  const facts = {
    source: 'this workbench',
    reference: `the ${vocabulary} rows of the table of ${model}; codes used by ${set.reference}`,
    count: likeness.length,
  }
  const mean = (of: (code: CodeLikeness) => number) =>
    likeness.reduce((sum, code) => sum + of(code), 0) / likeness.length
  const uses = likeness.reduce((sum, { hits }) => sum + hits, 0)
  const cosine = (metric: string, value: number, definition: string, higherIsBetter: boolean | null = null) =>
    metricCard({ ...facts, metric, value, unit: 'cosine', definition, higherIsBetter })
  return [
    cosine(
      'Cosine of used codes to their own rows',
      mean(({ own }) => own),
      'Mean over the used codes of the cosine of a code to the row of the language model that has its token id. 1: the codebook is the language model’s table; 0: unified in name only.',
      true,
    ),
    cosine(
      'Cosine to the own row, by use',
      likeness.reduce((sum, { own, hits }) => sum + own * hits, 0) / uses,
      'The same, each code counting as often as the set has it.',
      true,
    ),
    cosine(
      'Cosine of used codes to their nearest rows',
      mean(({ nearest }) => nearest),
      'Mean over the used codes of the largest cosine to any row.',
    ),
    cosine(
      'Cosine to the nearest row, columns shuffled',
      mean(({ shuffled }) => shuffled),
      'The same after the columns of every code were put into one other order: a vector of the same values that has nothing to do with the table. What the figure above exceeds this one by is likeness to text.',
    ),
    metricCard({
      ...facts,
      metric: 'Rank of the own row, median',
      value: median(likeness.map(({ rank }) => rank)),
      unit: 'rows',
      higherIsBetter: false,
      definition: `Median over the used codes of the number of rows with a larger cosine than the code’s own row. 0: the own row is the nearest; about ${Math.round((vocabulary - 1) / 2)} for a code that has nothing to do with it.`,
    }),
    metricCard({
      ...facts,
      metric: 'Own row is the nearest',
      value: mean(({ rank }) => Number(rank === 0)),
      unit: 'share',
      higherIsBetter: true,
      definition:
        'Share of the used codes with no row of a larger cosine than their own (1 − cosine below 1e-6 counts as on it).',
    }),
  ]
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
