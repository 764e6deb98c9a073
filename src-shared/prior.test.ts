import { expect, it } from 'vitest'
import quick from '../resources/presets/quick.json' with { type: 'json' }
import { parseConfig } from './parse-config.ts'

const withPrior = (prior: object, tokenizer: object = {}, others: object = {}) =>
  parseConfig({
    ...quick.baseline,
    tokenizer: { ...quick.baseline.tokenizer, ...tokenizer },
    prior: { steps: 10, ...prior },
    ...others,
  })

it('is no part of a config that does not ask for one', () => {
  expect(parseConfig(quick.baseline).prior.steps).toBe(0)
  // Its other settings are then nobody's business.
  expect(withPrior({ steps: 0, kind: 'rq', width: 7 }).prior.kind).toBe('rq')
})

it('is of a kind that the code maps are for', () => {
  const [vq, rq, hq] = [
    { kind: 'vq', layers: 1 },
    { kind: 'rq', layers: 4 },
    { kind: 'hq', layers: 2 },
  ]
  for (const tokenizer of [vq, rq, hq]) expect(withPrior({ kind: 'raster' }, tokenizer).prior.kind).toBe('raster')
  for (const tokenizer of [vq, rq]) expect(withPrior({ kind: 'rq' }, tokenizer).prior.kind).toBe('rq')
  expect(withPrior({ kind: 'hq' }, hq).prior.kind).toBe('hq')
  expect(() => withPrior({ kind: 'rq' }, hq)).toThrow('layers of "hq" have maps of their own sides; set "raster"')
  expect(() => withPrior({ kind: 'hq' }, rq)).toThrow('the tokenizer is "rq" of 4 layers; set "raster"')
  expect(() => withPrior({ kind: 'hq' }, { kind: 'hq', layers: 3, resampling: 'pool' })).toThrow('"hq" of 3 layers')
  // 32 px halved four times, and once more for the coarse map.
  const single = { ...hq, channels: [8, 8, 8, 8, 8], groups: 4, resampling: 'pool' }
  expect(() => withPrior({ kind: 'hq' }, single)).toThrow('which has only 1; set "raster"')
})

it('says which of its settings do not go together', () => {
  expect(() => withPrior({ width: 30, heads: 4 })).toThrow('width 30 is not divisible by 4 heads')
  expect(() => withPrior({ sampling: { guidance: 2 } })).toThrow('2 needs classes to guide to')
  expect(() => withPrior({ classes: 'group', classDropout: 0, sampling: { guidance: 2 } })).toThrow(
    'prior.classDropout',
  )
  expect(withPrior({ classes: 'group', sampling: { guidance: 2 } }).prior.classDropout).toBe(0.1)
  expect(() => withPrior({}, {}, { data: { ...quick.baseline.data, reading: 'stream' } })).toThrow('set "cache"')
  expect(() => withPrior({}, {}, { multimodal: { steps: 5 } })).toThrow('set this or multimodal.steps to 0')
  const own = { ...quick.baseline.codebook, paradigm: 'independent', size: 64, shared: false }
  expect(() => withPrior({ embeddings: 'shared' }, {}, { codebook: own })).toThrow('no codes in common; set "layer"')
})
