import { describe, expect, it } from 'vitest'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { metricDefinition } from '../../../src-shared/metrics.ts'
import { cardOf } from '../../../src-shared/provenance.ts'
import { tinyConfig } from '../../../test/fixtures/tiny-experiment.ts'
import { metric, tinyTraining } from '../../../test/fixtures/tiny-training.ts'

const train = tinyTraining()
const small = (changes: (config: ExperimentConfig) => void) =>
  tinyConfig((config) => {
    Object.assign(config.tokenizer, { kind: 'vq', layers: 1, channels: [8, 8], attention: false })
    Object.assign(config.language, { stepsBefore: 0, ratio: 0 })
    Object.assign(config.training, { steps: 6, evaluateEvery: 3, sampleEvery: 6 })
    changes(config)
  })

describe('losses and measures of pictures', { timeout: 120_000 }, () => {
  it('a perceptual loss by the packaged network is recorded and changes what the tokenizer learns', async () => {
    const { recorder: without } = await train(small(() => {}))
    const { recorder } = await train(
      small((config) => {
        config.losses.perceptual = { network: 'mobilenet-v2', weight: 1, path: '' }
      }),
    )
    expect(metric(recorder, 'loss.perceptual')).toHaveLength(6)
    expect(metric(recorder, 'loss.perceptual').every((value) => value > 0 && value < 2)).toBe(true)
    expect(metric(without, 'loss.perceptual')).toEqual([])
    expect(metric(recorder, 'loss.reconstruction')[0]).toBe(metric(without, 'loss.reconstruction')[0])
    expect(metric(recorder, 'loss.reconstruction').at(-1)).not.toBe(metric(without, 'loss.reconstruction').at(-1))
  })

  it('every recorded metric has a definition and a provenance card, and held-out ones say on how many pictures', async () => {
    const { recorder } = await train(
      small((config) => {
        Object.assign(config.losses.adversarial, { weight: 0.5, channels: 4, layers: 2 })
        config.losses.perceptual = { network: 'mobilenet-v2', weight: 1, path: '' }
        config.training.evaluatePictures = 4
      }),
    )
    const provenance = recorder.events.find((event) => event.kind === 'provenance')
    const names = new Set(
      recorder.events.flatMap((event) => (event.kind === 'metrics' ? Object.keys(event.values) : [])),
    )
    expect([...names]).toEqual(expect.arrayContaining(['heldout.l1', 'heldout.ssim', 'heldout.mobileNetV2Distance']))
    for (const name of names) {
      expect(metricDefinition(name), name).toBeDefined()
      expect(cardOf(provenance?.cards ?? {}, name), name).toMatchObject({ software: expect.stringMatching(/\d+\.\d+/) })
    }
    expect(cardOf(provenance?.cards ?? {}, 'heldout.mse')).toMatchObject({
      count: 4,
      referenceHash: 'tiny',
      extractor: '',
    })
    expect(cardOf(provenance?.cards ?? {}, 'loss.perceptual')?.extractor).toContain('nsfwjs')
    expect(cardOf(provenance?.cards ?? {}, 'heldout.mobileNetV2Distance')?.extractorHash).toMatch(/^[\da-f]{64}$/)
  })
})
