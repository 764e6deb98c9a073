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
