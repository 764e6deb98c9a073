import {
  anyHitUsage,
  batchPerplexity,
  CodeStreamError,
  codeEntropy,
  codeHits,
  deadCodes,
  QueueUsage,
  ScaleHitUsage,
  ShareUsage,
  usedCodes,
} from './codebook-usage.ts'

/** Usage of a codebook over all codes of a set of pictures; the order of the pictures plays no part. */
export interface SetUsage {
  /** N, codes that the set consists of, and K */
  tokens: number
  codes: number
  used: number
  dead: number
  /** used / K, 0 to 1 */
  anyHit: number
  /** nats */
  entropy: number
  /** exp(entropy), 1 to K */
  perplexity: number
  /**
   * Probability that the next code is one that the set does not have: the share of codes that occur once (Good 1953, after
   * Turing). Far from 0, the set is too small to say how many codes are in use.
   */
  unseen: number
  /** What the entropy of N draws falls short of that of their source, to first order: (used − 1) / 2N nats (Miller 1955). */
  entropyBias: number
}

/** @param indices of any layers that share a codebook, 0 ≤ index < codes @throws CodeStreamError as codeHits */
export function setUsage(indices: ArrayLike<number>, codes: number): SetUsage {
  const hits = codeHits(indices, codes)
  const entropy = codeEntropy(hits)
  const used = usedCodes(hits)
  return {
    tokens: indices.length,
    ...{ codes, used, dead: deadCodes(hits), anyHit: anyHitUsage(hits) },
    ...{ entropy, perplexity: Math.exp(entropy) },
    unseen: hits.reduce((once, hit) => once + Number(hit === 1), 0) / indices.length,
    entropyBias: (used - 1) / (2 * indices.length),
  }
}

/** Usage by the definitions that see one batch after the other, as training logs them; of one layer. */
export interface BatchUsage {
  /** Mean over the batches of exp(−Σ p log(p + 1e-10)) (taming-transformers). */
  batchPerplexity: number
  /** After the last batch, 0 to 1: distinct codes among the last 65,536 / K (LlamaGen). */
  queue: number
  /** Of the last batch, 0 to 1: codes of a share above 0.01 / K (UniTok). */
  share: number
  /** After the last batch, 0 to 1: codes whose running hits reach 0.08 of the finest map's mean (VAR). */
  emaHits: number
}

/**
 * Shows a set to those definitions in whole batches; what is left over at the end is left out.
 * @param maps per layer [count · side²], 0 ≤ index < codes, coarse layers first
 * @param batch pictures in one
 * @returns for each layer, and how many batches there were
 * @throws CodeStreamError if there is not one whole batch, or maps are not of their sides
 */
export function batchUsage(
  maps: readonly Int32Array[],
  sides: readonly number[],
  codes: number,
  batch: number,
): { batches: number; layers: BatchUsage[] } {
  const areas = sides.map((side) => side * side)
  const count = (maps[0]?.length ?? 0) / (areas[0] ?? 1)
  const wrong = maps.findIndex((map, layer) => map.length !== count * (areas[layer] ?? 0))
  if (wrong >= 0 || maps.length !== sides.length)
    throw new CodeStreamError(
      `${maps[Math.max(0, wrong)]?.length} indices are not ${count} maps of side ${sides[Math.max(0, wrong)]}`,
    )
  const batches = Math.floor(count / batch)
  if (batches < 1)
    throw new CodeStreamError(`${count} pictures are not one batch of ${batch}; give more pictures, or smaller batches`)
  const scales = new ScaleHitUsage(codes, sides, batch)
  const of = sides.map(() => ({ queue: new QueueUsage(codes), share: new ShareUsage(codes), perplexities: 0 }))
  let layers: BatchUsage[] = []
  for (let at = 0; at < batches; at++) {
    const step = maps.map((map, layer) => {
      const size = batch * (areas[layer] as number)
      return map.subarray(at * size, (at + 1) * size)
    })
    const running = scales.add(Int32Array.from(step.flatMap((part) => [...part])))
    layers = of.map((layer, number) => {
      const part = step[number] as Int32Array
      layer.perplexities += batchPerplexity(codeHits(part, codes))
      return {
        batchPerplexity: layer.perplexities / (at + 1),
        queue: layer.queue.add(part),
        share: layer.share.add(part) / 100,
        emaHits: (running[number] as number) / 100,
      }
    })
  }
  return { batches, layers }
}
