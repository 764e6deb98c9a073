import { describe, expect, it } from 'vitest'
import { agreementByLayer, codeDistribution, likeliestCodes, scoreCodes } from './code-likelihood.ts'

/** A cell of one coarse code and two fine ones; codes are tokens from 2 on, of two layers. */
const layout = { slots: 3, layers: [0, 1, 1] }
const [coarse, fine] = [Int32Array.of(2, 3), Int32Array.of(4, 5, 6)]
const tokens = {
  outputs: 7,
  tokenOf: (code: number) => code + 2,
  codeOf: (token: number) => token - 2,
  allowed: (slot: number) => (slot === 0 ? coarse : fine),
}

describe('the likelihood of codes', () => {
  it('is told among all tokens as loss, and among the codes of the place as probability', () => {
    const logits = Float32Array.from([9, 0, 1, 2, 0, 0, 0, ...[0, 0, 8, 0, 1, 3, 2], ...[0, 0, 0, 0, 5, 0, 0]])
    const scores = scoreCodes(logits, [0, 4, 2], { layout, tokens }, 2)
    expect([...scores.best]).toEqual([1, 3, 2])
    const total = Math.exp(9) + 4 + Math.exp(1) + Math.exp(2)
    expect(scores.nll[0]).toBeCloseTo(Math.log(total) - 1, 5)
    expect(scores.probability[0]).toBeCloseTo(Math.exp(1) / (Math.exp(1) + Math.exp(2)), 6)
    expect(scores.alternatives.map((chances) => chances.map(({ code }) => code))).toEqual([
      [1, 0],
      [3, 4],
      [2, 3],
    ])
    expect(scores.layers.map(({ layer, codes, right }) => [layer, codes, right])).toEqual([
      [0, 1, 0],
      [1, 2, 0.5],
    ])
    expect(scores.layers[1]?.nll).toBeCloseTo(((scores.nll[1] as number) + (scores.nll[2] as number)) / 2, 6)
  })

  it('puts the likeliest codes first, lower ones on a tie, and no more than there are', () => {
    const distribution = codeDistribution(Float32Array.of(0, 0, 0, 0, 1, 1, 2), fine)
    expect(likeliestCodes(distribution, 2, tokens).map(({ code }) => code)).toEqual([4, 2])
    expect(likeliestCodes(distribution, 9, tokens).map(({ code }) => code)).toEqual([4, 2, 3])
    expect(likeliestCodes(distribution, 0, tokens)).toEqual([])
  })

  it('counts what two pictures have in common by layer', () => {
    expect(agreementByLayer([1, 2, 3, 4, 5, 6], [1, 2, 0, 0, 5, 6], layout)).toEqual([0.5, 0.75])
  })
})
