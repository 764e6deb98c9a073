import { describe, expect, it } from 'vitest'
import { tinyConfig } from '../test/fixtures/tiny-experiment.ts'
import { tinyStageTwoConfig } from '../test/fixtures/tiny-stage-two-config.ts'
import type { ExperimentConfig } from './config.ts'

const encoder = { path: '/models/clip.onnx', width: 768, patches: 64, resize: 'clip' }
const withChange = (change: (config: ExperimentConfig) => void) => () => tinyStageTwoConfig('paint', change)

describe('the settings of a second stage', () => {
  it('are free where there is none', () => {
    expect(() => tinyConfig(({ multimodal }) => Object.assign(multimodal, { context: 1, resolution: 7 }))).not.toThrow()
  })

  it.each<[string, (config: ExperimentConfig) => void, string]>([
    [
      'a codebook of its own cannot be unified',
      ({ codebook }) => Object.assign(codebook, { paradigm: 'independent', size: 32 }),
      'multimodal.paradigm',
    ],
    [
      'adapters want a pretrained model',
      ({ multimodal }) => Object.assign(multimodal, { tuning: 'lora' }),
      'multimodal.tuning',
    ],
    [
      'a chat template wants a pretrained model',
      ({ multimodal }) => Object.assign(multimodal, { template: 'vicuna_v1' }),
      'multimodal.template',
    ],
    [
      'a side of no whole cells',
      ({ multimodal }) => Object.assign(multimodal, { resolution: 40 }),
      'multimodal.resolution',
    ],
    [
      'a picture longer than the context',
      ({ multimodal }) => Object.assign(multimodal, { context: 20 }),
      'multimodal.context',
    ],
    [
      'segments that do not divide the cells',
      ({ multimodal }) => {
        multimodal.tasks.decompression = 1
        multimodal.segments = 3
      },
      'multimodal.segments',
    ],
    [
      'dialogues without a file',
      ({ multimodal }) => Object.assign(multimodal.tasks, { dialogue: 1 }),
      'multimodal.dialoguesPath',
    ],
    [
      'an encoder without its width',
      ({ multimodal }) => Object.assign(multimodal, { paradigm: 'visual-encoder', encoder: { ...encoder, width: 0 } }),
      'multimodal.encoder.width',
    ],
    [
      'more patches than the context holds',
      ({ multimodal }) =>
        Object.assign(multimodal, { encoder, paradigm: 'visual-encoder', tasks: { ...multimodal.tasks, name: 1 } }),
      'multimodal.context',
    ],
    ['nothing to learn', ({ multimodal }) => Object.assign(multimodal.tasks, { paint: 0 }), 'multimodal.tasks'],
  ])('are refused by name: %s', (_, change, path) => {
    expect(withChange(change)).toThrow(path)
  })

  it('may name a pretrained encoder that their paradigm does not read by', () => {
    expect(withChange(({ multimodal }) => Object.assign(multimodal, { encoder }))).not.toThrow()
  })

  it('may read pictures at another side than the tokenizer was trained on', () => {
    expect(withChange(({ multimodal }) => Object.assign(multimodal, { resolution: 48 }))).not.toThrow()
  })
})
