import { expect, it } from 'vitest'
import quick from '../resources/presets/quick.json' with { type: 'json' }
import { ConfigError } from './config-problems.ts'
import { parseConfig } from './parse-config.ts'

const withEngine = (engine: object) => parseConfig({ ...quick.baseline, engine })

it('reads configs from before there was a choice of runtimes', () => {
  expect(withEngine({ provider: 'cpu', threads: 2 }).engine).toEqual({ runtime: 'onnx', provider: 'cpu', threads: 2 })
})

it('knows which providers a runtime has', () => {
  expect(withEngine({ runtime: 'tensorflow', provider: 'cuda', threads: 0 }).engine.provider).toBe('cuda')
  expect(() => withEngine({ runtime: 'tensorflow', provider: 'webgpu', threads: 0 })).toThrow(
    new ConfigError([
      {
        path: 'engine.provider',
        value: 'webgpu',
        message: '"webgpu" belongs to the runtime "onnx"; tensorflow has auto, cpu and cuda',
      },
    ]),
  )
})

const withTokenizer = (tokenizer: object, codebook: object = {}) =>
  parseConfig({
    ...quick.baseline,
    tokenizer: { ...quick.baseline.tokenizer, ...tokenizer },
    codebook: { ...quick.baseline.codebook, ...codebook },
  })
const vit = { patch: 4, width: 8, layers: 1, heads: 2, feedForward: 8, weights: '', trains: true }

it('lets each kind of tokenizer have the layers that it can have', () => {
  expect(withTokenizer({ kind: 'hq', layers: 3, resampling: 'pool' }).tokenizer.layers).toBe(3)
  expect(withTokenizer({ kind: 'spae', layers: 6 }).tokenizer.layers).toBe(6)
  expect(() => withTokenizer({ kind: 'hq', layers: 4 })).toThrow('an hq tokenizer has 2 or 3 levels, not 4')
  expect(() => withTokenizer({ kind: 'vqvae2', layers: 1 })).toThrow('a vqvae2 tokenizer has 2 or 3 levels, not 1')
  // 32 px halved four times leaves a side of 2, which is halved once more and not twice.
  const channels = [8, 8, 8, 8, 8]
  expect(withTokenizer({ kind: 'vqvae2', layers: 2, groups: 4, channels }).tokenizer.channels).toEqual(channels)
  expect(() => withTokenizer({ kind: 'vqvae2', layers: 3, groups: 4, channels })).toThrow(
    'too small for 3 layers of vqvae2',
  )
})

it('asks of a pixel shuffle alone that the width of a code can be divided by it', () => {
  const independent = { paradigm: 'independent', size: 16, width: 24 }
  expect(withTokenizer({ kind: 'hq', layers: 3, resampling: 'strided' }, independent).codebook.width).toBe(24)
  expect(() => withTokenizer({ kind: 'hq', layers: 3, resampling: 'shuffle' }, independent)).toThrow(
    '24 is not divisible by 16',
  )
})

it('knows what a vision transformer can be made of', () => {
  const encoder = (changes: object) =>
    withTokenizer({ encoder: 'vit', channels: [8, 8, 8], groups: 4, vit: { ...vit, ...changes } })
  expect(encoder({}).tokenizer.vit.form).toBe('vit')
  expect(() => encoder({ form: 'plain', weights: 'model.safetensors' })).toThrow(
    'a plain transformer has no pretrained weights',
  )
  expect(() => encoder({ trains: false })).toThrow('an encoder would stay as chance made it')
  expect(() => encoder({ patch: 8 })).toThrow('a patch is 8 px; use 4 entries')
  expect(() => encoder({ heads: 3 })).toThrow('width 8 is not divisible by 3 heads')
})
