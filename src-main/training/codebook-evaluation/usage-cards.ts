import type { MetricCard } from '../../../src-shared/metric-card.ts'
import { batchUsage, type SetUsage, setUsage } from '../../evaluation/set-usage.ts'
import { type Measured, metricCard } from './cards.ts'
import type { SetCodes } from './set-codes.ts'

/** What all cards of a set have alike. */
export type SetFacts = Pick<MetricCard, 'reference' | 'count' | 'resize'>

/**
 * Usage and perplexity by every definition of evaluation/codebook-usage.ts: over the set, layer by layer and of all layers
 * that share a codebook, and batch by batch in the order of the rows.
 * @param batch pictures in one @param shared whether the layers have one codebook
 */
export function usageCards(
  { rows, sides, codes }: SetCodes,
  { batch, shared, seed }: { batch: number; shared: boolean; seed: number },
  facts: SetFacts,
): Measured {
  const cards = rows.flatMap((map, layer) => ofSet(setUsage(map, codes), layerName(layer), facts))
  if (shared && rows.length > 1)
    cards.push(...ofSet(setUsage(Int32Array.from(rows.flatMap((map) => [...map])), codes), 'all layers', facts))
  if (facts.count < batch)
    return {
      cards,
      notMeasured: [
        {
          what: 'Usage by batches (taming-transformers, LlamaGen, UniTok, VAR)',
          why: `${facts.count} pictures are not one batch of ${batch}; lower --batch`,
        },
      ],
    }
  const { batches, layers } = batchUsage(rows, sides, codes, batch)
  const seen = { ...facts, count: batches * batch, seed }
  const many = batches === 1 ? '1 batch' : `${batches} batches`
  const order = `${many} of ${batch} pictures in an order drawn by the seed`
  for (const [layer, usage] of layers.entries()) {
    const of = `, ${layerName(layer)}`
    cards.push(
      metricCard({
        ...seen,
        metric: `Batch perplexity${of}`,
        value: usage.batchPerplexity,
        unit: 'codes',
        definition: `Mean over ${order} of exp(−Σ p log(p + 1e-10)), p the shares of the codes in a batch, in float32. Smaller than the perplexity of the set wherever batches differ.`,
        source: 'taming-transformers, VectorQuantizer',
      }),
      metricCard({
        ...seen,
        metric: `Queue usage${of}`,
        value: usage.queue,
        unit: 'share of K',
        definition: `Distinct codes among the last 65,536 / K after ${order}; the queue starts full of code 0, which counts as used until so many codes have passed.`,
        source: 'LlamaGen, VectorQuantizer',
        warnings:
          batches * batch * (sides[layer] as number) ** 2 < 65_536
            ? ['fewer codes than the queue holds: code 0 counts as used, whether it is or not']
            : [],
      }),
      metricCard({
        ...seen,
        metric: `Share usage${of}`,
        value: usage.share,
        unit: 'share of K',
        definition: `Share of the codes whose frequency in the last of ${order} is above 0.01 / K.`,
        source: 'UniTok, VectorQuantizer',
      }),
      metricCard({
        ...seen,
        metric: `EMA hits${of}`,
        value: usage.emaHits,
        unit: 'share of K',
        definition: `Share of the codes whose running hits reach 0.08 times those that each would get of the finest map, after ${order}; the counter of updates counts layers, as published, so the decay is 0.9 for 100 updates and 0.99 then.`,
        source: 'VAR, VectorQuantizer2',
        warnings: batches < 100 ? [`after ${many} running hits still hold the first ones`] : [],
      }),
    )
  }
  return { cards, notMeasured: [] }
}

export const layerName = (layer: number): string => `layer ${layer}`

function ofSet(usage: SetUsage, of: string, facts: SetFacts): MetricCard[] {
  const few =
    usage.unseen > 0.05
      ? [
          `${(100 * usage.unseen).toFixed(1)} % of the codes occur once: a larger set would use more of them (Good 1953)`,
        ]
      : []
  const both = { ...facts, warnings: few }
  const tokens = `${usage.tokens} codes of the set`
  return [
    metricCard({
      ...both,
      metric: `Codebook usage, any hit, ${of}`,
      value: usage.anyHit,
      unit: 'share of K',
      higherIsBetter: true,
      definition: `Share of the K = ${usage.codes} codes that occur at least once among the ${tokens}.`,
      source: 'HQ-VAE, SEED-Voken',
      bias: `at most ${Math.min(usage.codes, usage.tokens)} codes could occur; the next code would be a new one with probability ${usage.unseen.toPrecision(2)} (Good 1953)`,
    }),
    metricCard({
      ...both,
      metric: `Codes used, ${of}`,
      value: usage.used,
      unit: 'codes',
      higherIsBetter: true,
      definition: `Codes that occur at least once among the ${tokens}.`,
      source: 'HQ-VAE, SEED-Voken',
    }),
    metricCard({
      ...both,
      metric: `Dead codes, ${of}`,
      value: usage.dead,
      unit: 'codes',
      higherIsBetter: false,
      definition: `Codes that do not occur among the ${tokens}: K × (1 − any-hit usage).`,
      source: 'SEED-Voken',
    }),
    metricCard({
      ...both,
      metric: `Code entropy, ${of}`,
      value: usage.entropy,
      unit: 'nats',
      definition: `−Σ p log p, p the shares of the codes among the ${tokens}, 0 log 0 = 0.`,
      source: 'RQ-VAE, per depth',
      bias: `${usage.entropyBias.toPrecision(2)} nats too small, to first order (Miller 1955)`,
    }),
    metricCard({
      ...both,
      metric: `Code perplexity of the set, ${of}`,
      value: usage.perplexity,
      unit: 'codes',
      higherIsBetter: true,
      definition: `exp of the entropy of the shares of the codes among the ${tokens}, 1 to K.`,
      source: 'exp of RQ-VAE’s entropy',
      bias: `a factor of exp(${usage.entropyBias.toPrecision(2)}) too small, to first order (Miller 1955)`,
    }),
  ]
}
