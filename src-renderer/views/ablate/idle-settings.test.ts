import { expect, it } from 'vitest'
import quick from '../../../resources/presets/quick.json'
import { withSetting } from '../../../src-shared/config-paths.ts'
import { parseConfig } from '../../../src-shared/parse-config.ts'
import { idleSettings } from './idle-settings.ts'
import { settingFields } from './settings.ts'

const config = parseConfig(quick.baseline)
const idle = (changed: object) => idleSettings(settingFields, changed).map(({ field }) => field.path)

it('folds the vision transformer away under a convolutional encoder, and says why', () => {
  const one = idleSettings(settingFields, config).find(({ field }) => field.path === 'tokenizer.vit.patch')
  expect(one?.reason).toBe('tokenizer.encoder is convolutional')
  expect(idle(withSetting(config, 'tokenizer.encoder', 'vit'))).not.toContain('tokenizer.vit.patch')
})

it('never folds the setting that would unfold a group', () => {
  const folded = idle(config)
  for (const path of ['losses.adversarial.weight', 'losses.perceptual.network', 'language.tuning', 'tokenizer.encoder'])
    expect(folded).not.toContain(path)
  expect(folded).toContain('losses.adversarial.start')
  expect(folded).toContain('language.lora.targets')
})

it('folds the settings of a prior away where there is none, and what its kind has not', () => {
  expect(idle(config)).toContain('prior.width')
  expect(idle(config)).not.toContain('prior.steps')
  const raster = withSetting(config, 'prior.steps', 10)
  expect(idle(raster)).not.toContain('prior.width')
  expect(idle(raster)).toContain('prior.depthLayers')
  expect(idle(withSetting(raster, 'prior.kind', 'hq'))).not.toContain('prior.depthLayers')
})

it('folds the settings of a second stage away where there is none, and those of an encoder that nothing reads by', () => {
  expect(idle(config)).toContain('multimodal.context')
  expect(idle(config)).not.toContain('multimodal.steps')
  const two = withSetting(config, 'multimodal.steps', 10)
  expect(idle(two)).not.toContain('multimodal.context')
  expect(idle(two)).toEqual(expect.arrayContaining(['multimodal.encoder.path', 'multimodal.projectorWidth']))
  const encoder = withSetting(two, 'multimodal.paradigm', 'visual-encoder')
  expect(idle(encoder)).not.toContain('multimodal.encoder.path')
  expect(idle(encoder)).toContain('multimodal.encoder.width')
  expect(idle(withSetting(encoder, 'multimodal.encoder.path', '/a.onnx'))).not.toContain('multimodal.encoder.width')
})

it('names only settings that the config has', () => {
  const paths = settingFields.map(({ path }) => path)
  const every = [
    config,
    { ...config, codebook: { ...config.codebook, paradigm: 'dual' } },
    { ...config, codebook: { ...config.codebook, paradigm: 'independent' } },
  ].flatMap(idle)
  expect(paths).toEqual(expect.arrayContaining([...new Set(every)]))
  expect(every).toContain('codebook.interval')
  expect(every).toContain('codebook.rows')
})

it('reads a config that has problems without failing', () => {
  expect(idle({ codebook: null })).toContain('tokenizer.vit.width')
})
