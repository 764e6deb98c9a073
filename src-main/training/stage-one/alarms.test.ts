import { describe, expect, it } from 'vitest'
import type { CodebookConfig } from '../../../src-shared/config.ts'
import { tinyConfig } from '../../../test/fixtures/tiny-experiment.ts'
import { alarmsOf, type Signs } from './alarms.ts'

const healthy = {
  'language.perplexity': 5,
  'perplexity.set.0': 200,
  'perplexity.set.1': 300,
  'usage.codes.0': 400,
  'usage.codes.1': 500,
  'codebook.dead': 0.3,
  'codebook.norm': 3,
}
const signs = (metrics: Partial<typeof healthy> = {}, codebook: Partial<CodebookConfig> = {}): Signs => ({
  metrics: { ...healthy, ...metrics },
  firstPerplexity: 4.8,
  firstNorm: 2,
  possible: [1024, 2000],
  codebook: { ...tinyConfig().codebook, ...codebook },
})
const names = (given: Signs) => alarmsOf(given).map(({ name }) => name)

describe('alarms of collapse', () => {
  it('are none for a healthy run, nor where nothing is known yet', () => {
    expect(names(signs())).toEqual([])
    expect(alarmsOf({ ...signs(), metrics: {} })).toEqual([])
    expect(
      names({ ...signs({ 'language.perplexity': 99, 'codebook.norm': 99 }), firstPerplexity: null, firstNorm: null }),
    ).toEqual([])
  })

  it.each([
    ['language.perplexity', 6.1, 'language collapse', 5.9],
    ['perplexity.set.1', 3.9, 'codebook collapse in layer 1', 4.1],
    ['usage.codes.0', 20, 'few codes used in layer 0', 21],
    ['codebook.dead', 0.91, 'dead codes', 0.9],
    ['codebook.norm', 20.1, 'exploding norms', 20],
  ] as const)('are raised by %s at %d as "%s", and not at %d', (metric, bad, name, good) => {
    expect(names(signs({ [metric]: bad }))).toEqual([name])
    expect(names(signs({ [metric]: good }))).toEqual([])
  })

  it('do not ask a layer of three positions for four codes', () => {
    expect(names({ ...signs({ 'perplexity.set.0': 2.9, 'usage.codes.0': 3 }), possible: [3, 2000] })).toEqual([
      'codebook collapse in layer 0',
    ])
    expect(names({ ...signs({ 'perplexity.set.0': 3, 'usage.codes.0': 3 }), possible: [3, 2000] })).toEqual([])
  })

  it('say the cause and a setting that the config does not have already', () => {
    const remedy = (metrics: Partial<typeof healthy>, codebook: Partial<CodebookConfig>) =>
      alarmsOf(signs(metrics, codebook))[0]?.remedy ?? ''
    const dead = { 'codebook.dead': 1 }
    expect(remedy(dead, { restart: 0 })).toMatch(/set codebook\.restart \(0 now/)
    expect(remedy(dead, { restart: 0.2 })).toMatch(/raise codebook\.restart from 0\.2/)
    expect(remedy(dead, { paradigm: 'frozen' })).toMatch(/use codebook\.paradigm "iterative"/)
    expect(remedy(dead, { paradigm: 'independent' })).toMatch(/lower codebook\.size/)
    const worse = { 'language.perplexity': 50 }
    expect(remedy(worse, { paradigm: 'dual' })).toMatch(/"iterative"/)
    expect(remedy(worse, { paradigm: 'iterative' })).toMatch(/language\.optimizer\.learningRate/)
    expect(alarmsOf(signs(worse, { paradigm: 'dual' }))[0]?.message).toMatch(
      /from 4\.80 to 50\.0.*writes visual codes over/,
    )
  })
})
