import { likeliestTokens, type TokenDistribution, tokenDistribution } from '../language/sampling.ts'
import type { CodeTokens, PictureLayout } from './picture-layout.ts'

/** A code, and the model's probability of it among the codes that may stand there. */
export interface CodeChance {
  code: number
  probability: number
}

/** How likely the codes of a picture are, each after those before it, in token order. */
export interface CodeScores {
  /** Negative log-likelihood in nats, among all tokens, as in the loss of training. */
  nll: Float32Array
  /** Among the codes that may stand there, as generation draws them. */
  probability: Float32Array
  /** The likeliest of the codes that may stand there. */
  best: Int32Array
  /** The likeliest codes, falling. */
  alternatives: CodeChance[][]
  layers: LayerScore[]
}

/** Over the codes of one layer that were scored. */
export interface LayerScore {
  layer: number
  codes: number
  /** Mean negative log-likelihood, in nats. */
  nll: number
  /** Share of the codes that were the likeliest ones. */
  right: number
}

/** What the model makes of the codes that may come next, without temperature and cuts. @param logits [outputs] */
export const codeDistribution = (logits: Float32Array, allowed: Int32Array): TokenDistribution =>
  tokenDistribution(logits, { temperature: 1, topK: null, topP: null }, allowed)

/** @returns the likeliest codes, falling, lower codes first on a tie */
export function likeliestCodes(
  distribution: TokenDistribution,
  count: number,
  { codeOf }: Pick<CodeTokens, 'codeOf'>,
): CodeChance[] {
  return likeliestTokens(distribution, count).map(({ id, probability }) => ({ code: codeOf(id), probability }))
}

/** Probability of a token of a distribution; 0 if it is not in it. */
export function probabilityOf({ ids, probabilities }: TokenDistribution, token: number): number {
  const at = ids.indexOf(token)
  return at < 0 ? 0 : (probabilities[at] as number)
}

/** −log softmax(logits)[token] */
export function negativeLogLikelihood(logits: Float32Array, token: number): number {
  let largest = Number.NEGATIVE_INFINITY
  for (const logit of logits) if (logit > largest) largest = logit
  let sum = 0
  for (const logit of logits) sum += Math.exp(logit - largest)
  return Math.log(sum) + largest - (logits[token] as number)
}

/**
 * @param logits [codes, outputs] of what predicts each code
 * @param codes in token order from the beginning of a cell
 * @param alternatives so many of each place
 */
export function scoreCodes(
  logits: Float32Array,
  codes: ArrayLike<number>,
  rules: { layout: Pick<PictureLayout, 'layers' | 'slots'>; tokens: CodeTokens },
  alternatives: number,
): CodeScores {
  const { layout, tokens } = rules
  const count = codes.length
  const outputs = logits.length / count
  const scores: CodeScores = {
    nll: new Float32Array(count),
    probability: new Float32Array(count),
    best: new Int32Array(count),
    alternatives: [],
    layers: [],
  }
  for (let at = 0; at < count; at++) {
    const row = logits.subarray(at * outputs, (at + 1) * outputs)
    const token = tokens.tokenOf(codes[at] as number)
    const distribution = codeDistribution(row, tokens.allowed(at % layout.slots))
    const chances = likeliestCodes(distribution, Math.max(1, alternatives), tokens)
    scores.nll[at] = negativeLogLikelihood(row, token)
    scores.probability[at] = probabilityOf(distribution, token)
    scores.best[at] = (chances[0] as CodeChance).code
    scores.alternatives.push(chances.slice(0, alternatives))
  }
  return { ...scores, layers: layerScores(scores, codes, layout) }
}

function layerScores(
  { nll, best }: Pick<CodeScores, 'nll' | 'best'>,
  codes: ArrayLike<number>,
  { layers, slots }: Pick<PictureLayout, 'layers' | 'slots'>,
): LayerScore[] {
  const sums = new Map<number, { codes: number; nll: number; right: number }>()
  for (let at = 0; at < codes.length; at++) {
    const layer = layers[at % slots] as number
    const sum = sums.get(layer) ?? { codes: 0, nll: 0, right: 0 }
    sum.codes++
    sum.nll += nll[at] as number
    if (best[at] === codes[at]) sum.right++
    sums.set(layer, sum)
  }
  return [...sums]
    .sort(([a], [b]) => a - b)
    .map(([layer, sum]) => ({ layer, codes: sum.codes, nll: sum.nll / sum.codes, right: sum.right / sum.codes }))
}

/** Share of the codes of each layer that two pictures have in common, by layer. */
export function agreementByLayer(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { layers, slots }: Pick<PictureLayout, 'layers' | 'slots'>,
): number[] {
  const [same, all] = [0, 1].map(() => new Float64Array(Math.max(...layers) + 1)) as [Float64Array, Float64Array]
  for (let at = 0; at < a.length; at++) {
    const layer = layers[at % slots] as number
    all[layer] = (all[layer] as number) + 1
    if (a[at] === b[at]) same[layer] = (same[layer] as number) + 1
  }
  return Array.from(all, (count, layer) => (same[layer] as number) / count)
}
