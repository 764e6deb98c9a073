import { setTimeout } from 'node:timers/promises'
import { implement } from '@orpc/server'
import type { MeasuredCodebook } from '../../src-shared/codebook-evaluation.ts'
import { contract } from '../../src-shared/contract/index.ts'
import type { MetricCard } from '../../src-shared/metric-card.ts'

/** Codebooks that have been measured, or are when they are asked for, with made-up figures. */
const os = implement(contract).evaluations

const PARTS = ['opening the run', 'pictures to codes', 'usage', 'probing', 'codes among rows', 'reading codes as text']

const card = (metric: string, value: number, more: Partial<MetricCard> = {}): MetricCard => ({
  ...{ metric, value, unit: '', higherIsBetter: null, definition: `How ${metric} is worked out.`, source: 'A paper.' },
  ...{ extractor: null, resize: '32 px, crop "cover"', reference: 'all held-out pictures', count: 196, seed: 0 },
  ...{ interval: null, bias: null, warnings: [] },
  ...more,
})
const cards: MetricCard[] = [
  card('codes used, layer 0', 212, { unit: 'codes', warnings: ['A larger set would use more codes.'] }),
  card('code perplexity of the set, layer 0', 97.4, { unit: 'codes', bias: 'about 4 too low' }),
  card('codes used, layer 1', 498, { unit: 'codes' }),
  card('nearest neighbours by codes', 0.412, {
    unit: 'share',
    interval: { low: 0.344, high: 0.481, method: 'percentile bootstrap of concepts' },
  }),
  card('nearest neighbours by pixels', 0.337, {
    unit: 'share',
    interval: { low: 0.27, high: 0.405, method: 'percentile bootstrap of concepts' },
  }),
  card('cosine to the own row', 0.71),
  card('Zipf slope of the codes of layer 0', -0.62),
]

const notMeasured = [{ what: 'codes read as text', why: 'the language model is one of the run’s own' }]
const resultOf = (asked: MeasuredCodebook['asked']): MeasuredCodebook => ({
  step: 360,
  measuredAt: Date.now(),
  ...{ asked, cards, notMeasured },
})
const measured = new Map([['reads-and-paints-0026', resultOf({ classes: 'subgroup', pictures: 0, seed: 0 })]])

export const evaluations = {
  codebook: os.codebook.handler(({ input }) => measured.get(input.id) ?? null),
  measureCodebook: os.measureCodebook.handler(async function* ({ input: { id, asked } }) {
    for (const [at, words] of PARTS.entries()) {
      yield { kind: 'progress' as const, share: at / PARTS.length, words }
      await setTimeout(300)
    }
    const result = resultOf(asked)
    measured.set(id, result)
    yield { kind: 'measured' as const, measured: result }
  }),
}
