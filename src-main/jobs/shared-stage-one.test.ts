import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { TensorFile } from '../../src-shared/safetensors.ts'
import { tinyStageTwoConfig } from '../../test/fixtures/tiny-stage-two-config.ts'
import { sharedStageOne } from './shared-stage-one.ts'

let cache: string
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'shared-'))
})
afterEach(() => rmSync(cache, { recursive: true, force: true }))

const checkpoint: TensorFile = {
  tensors: { weight: { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) } },
  metadata: { stage: 'one' },
}
const shared = (change?: (config: ExperimentConfig) => unknown, run = 'first') =>
  sharedStageOne(cache, tinyStageTwoConfig('paint', change), run)

it('is found by runs that differ in what follows it, their name and their threads alone', () => {
  expect(shared().find()).toBeNull()
  shared().keep(checkpoint)
  const other = shared((config) => {
    config.name = 'another'
    config.engine.threads = 2
    Object.assign(config.multimodal, { paradigm: 'visual-tokenizer', steps: 7, batchSize: 1 })
    Object.assign(config.prior, { kind: 'raster', width: 64 })
    // The words of all built-in tasks are known, whatever is asked.
    Object.assign(config.multimodal.tasks, { name: 1 })
  }, 'second').find()
  expect(other?.trainedBy).toBe('first')
  expect(other?.file.tensors).toEqual(checkpoint.tensors)
})

it.each<[string, (config: ExperimentConfig) => unknown]>([
  ['another seed', (config) => Object.assign(config, { seed: 9 })],
  ['another codebook rule', (config) => Object.assign(config.codebook, { emaLambda: 0.5 })],
  ['more steps', (config) => Object.assign(config.training, { steps: 4 })],
  ['other words, where the texts decide them', (config) => Object.assign(config.multimodal, { concepts: 3 })],
  [
    'dialogues from a file',
    (config) => {
      config.multimodal.tasks.dialogue = 1
      config.multimodal.dialoguesPath = import.meta.filename
    },
  ],
  ['a prior, which asks for no words', (config) => Object.assign(config.multimodal, { steps: 0 })],
])('is not found by a run of %s', (_, change) => {
  shared().keep(checkpoint)
  expect(shared(change).find()).toBeNull()
})

it('is not found once the file of dialogues, or the folder of their pictures, is another', () => {
  const dialoguesPath = join(cache, 'dialogues.json')
  const ofFile = (picturesPath = '/pictures') =>
    shared((config) => {
      config.multimodal.tasks.dialogue = 1
      Object.assign(config.multimodal, { dialoguesPath, picturesPath })
    })
  writeFileSync(dialoguesPath, '[]')
  ofFile().keep(checkpoint)
  expect(ofFile().find()).not.toBeNull()
  expect(ofFile('/others').find()).toBeNull()
  writeFileSync(dialoguesPath, '[{}]')
  expect(ofFile().find()).toBeNull()
})

it('is trained anew where what was kept is damaged', () => {
  shared().keep(checkpoint)
  const all = join(cache, 'stage-one')
  const folder = join(all, readdirSync(all)[0] as string)
  writeFileSync(join(folder, readdirSync(folder)[0] as string), 'torn')
  const said = vi.spyOn(console, 'error').mockImplementation(() => {})
  expect(shared().find()).toBeNull()
  expect(said).toHaveBeenCalledWith(expect.stringContaining('cannot be used'))
  said.mockRestore()
  shared().keep(checkpoint)
  expect(shared().find()).not.toBeNull()
})

it('keeps the four that were used last', () => {
  for (let seed = 0; seed < 5; seed++) {
    shared((config) => Object.assign(config, { seed })).keep(checkpoint)
    for (const name of readdirSync(join(cache, 'stage-one'))) {
      const folder = join(cache, 'stage-one', name)
      if (seed < 4) utimesSync(folder, seed + 1, seed + 1)
    }
    if (seed === 3) expect(shared((config) => Object.assign(config, { seed: 0 })).find()).not.toBeNull()
  }
  expect(readdirSync(join(cache, 'stage-one'))).toHaveLength(4)
  expect(shared((config) => Object.assign(config, { seed: 0 })).find()).not.toBeNull()
})
