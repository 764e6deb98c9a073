import { expect, it } from 'vitest'
import { configDifferences } from './config-differences.ts'

const base = { name: 'a', codebook: { paradigm: 'frozen', interval: 20 }, tokenizer: { channels: [32, 64] } }

it('names only the settings that differ, with the value of each config', () => {
  const other = { ...base, codebook: { paradigm: 'dual', interval: 20 }, tokenizer: { channels: [32, 96] } }
  expect(configDifferences([base, other])).toEqual([
    { path: 'codebook.paradigm', values: ['frozen', 'dual'] },
    {
      path: 'tokenizer.channels',
      values: [
        [32, 64],
        [32, 96],
      ],
    },
  ])
})

it('lists a setting that only one config has', () => {
  const other = { ...base, codebook: { ...base.codebook, size: 512 } }
  expect(configDifferences([base, other])).toEqual([{ path: 'codebook.size', values: [undefined, 512] }])
})

it('finds nothing between equal configs', () => {
  expect(configDifferences([base, structuredClone(base)])).toEqual([])
})
