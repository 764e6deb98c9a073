import { describe, expect, it } from 'vitest'
import { type ExperimentConfig, experimentObject } from '../../../src-shared/config.ts'
import { readPresets } from '../../services/presets.ts'
import { estimateRun } from '../estimate.ts'
import { hoursAt } from './hours.ts'
import { memoryOf, sharded, totalOf } from './memory.ts'
import { adapterParameters, languageSide, modelSpecs, partsOf, storedBytes } from './parts.ts'
import { perceptualParameters, perceptualWork } from './perceptual.ts'
import { discriminatorWork, tokenizerWork, workOf } from './work.ts'

const preset = (id: string): ExperimentConfig => {
  const found = readPresets().find((one) => one.id === id)
  if (!found) throw new Error(`no preset "${id}"`)
  return found.baseline
}
const count = (config: ExperimentConfig, part: string, vocabulary: number): number =>
  partsOf(config, vocabulary).find((one) => one.part === part)?.count ?? 0

/** Encoder, decoder and codebook small enough to be counted by hand: 32 px, 16 × 16 map. */
const small = (change: (config: ExperimentConfig) => void = () => {}): ExperimentConfig => {
  const quick = structuredClone(preset('quick'))
  const config = {
    ...quick,
    data: { ...quick.data, resolution: 32 as const },
    tokenizer: { ...quick.tokenizer, kind: 'vq' as const, layers: 1, channels: [2, 4], groups: 2, attention: false },
    language: {
      ...quick.language,
      width: 8,
      heads: 2,
      keyValueHeads: 1,
      feedForward: 16,
      layers: 1,
      context: 10,
      batchSize: 3,
    },
    training: { ...quick.training, batchSize: 5, steps: 100 },
  }
  change(config)
  return experimentObject.parse(config)
}

describe('parameters', () => {
  it('counts a 7 B LLaMA as published, its output matrix beside the table', () => {
    expect(count(preset('hq-unicode-paper'), 'language model', 32_000)).toBe(6_738_415_616)
  })

  it('counts SmolLM2 as published: 134,515,008 with the table tied to the head', () => {
    expect(count(preset('hq-unicode-smollm2'), 'language model', 49_152)).toBe(134_515_008)
  })

  it('has about the paper’s 104 M parameters in both paper-scale tokenizers', () => {
    for (const id of ['hq-unicode-paper', 'rq-unicode-paper']) {
      const total = ['encoder', 'quantizer', 'decoder'].reduce((sum, part) => sum + count(preset(id), part, 32_000), 0)
      expect(Math.abs(total / 104e6 - 1), id).toBeLessThan(0.02)
    }
  })

  it('counts r · (in + out) for each adapted layer', () => {
    const config = small((it) => {
      it.language.model = 'smollm2'
      it.language.vocabulary = 20
      it.language.tuning = 'lora'
      it.language.lora = { rank: 3, alpha: 6, targets: ['q', 'v', 'down'], start: '' }
    })
    // q: 8 → 8, v: 8 → 4 (one of two heads), down: 16 → 8
    expect(adapterParameters(languageSide(config, 20), config.language)).toBe(3 * (16 + 12 + 24))
    expect(partsOf(config, 20).find(({ part }) => part === 'language model')?.learns).toBe(false)
    expect(partsOf(config, 20).find(({ part }) => part === 'adapters')?.learns).toBe(true)
  })

  it('counts VGG16’s thirteen convolutions and LPIPS’ five vectors', () => {
    expect(perceptualParameters('lpips-vgg16')).toBe(14_714_688 + 1_472)
    // The first convolution of VGG16 alone, and all of them, on one picture of 224 px: 15.35 G multiply-adds.
    expect(perceptualWork('lpips-vgg16', 224).operations / 2 / 1e9).toBeCloseTo(15.35, 2)
  })

  it('takes a small picture through MobileNetV2 enlarged to 64 px', () => {
    expect(perceptualWork('mobilenet-v2', 32)).toEqual(perceptualWork('mobilenet-v2', 64))
    expect(perceptualWork('mobilenet-v2', 128).operations).toBe(4 * perceptualWork('mobilenet-v2', 64).operations)
  })

  it('keeps frozen weights as they are stored', () => {
    const config = preset('hq-unicode-paper')
    const specs = modelSpecs(languageSide(config, 32_000), config.language)
    const norms = 65 * 4096
    expect(storedBytes(specs, 'float32')).toBe(4 * 6_738_415_616)
    expect(storedBytes(specs, 'float16')).toBe(2 * (6_738_415_616 - norms) + 4 * norms)
    // Blocks of 32: values, scale, zero point; in 4 bits an offset too, and the two tables in 8 bits all the same.
    expect(storedBytes(specs, 'int8')).toBe(((6_738_415_616 - norms) / 32) * 37 + 4 * norms)
    const tables = 2 * 32_000 * 4096
    expect(storedBytes(specs, 'int4')).toBe(
      ((6_738_415_616 - norms - tables) / 32) * 24.5 + (tables / 32) * 37 + 4 * norms,
    )
  })
})

describe('arithmetic', () => {
  it('is that of each convolution by its kernel and the side of its map', () => {
    const { encoder, decoder } = tokenizerWork(small())
    const conv = (size: number, from: number, to: number, side: number) => 2 * size * size * from * to * side * side
    expect(encoder.operations).toBe(
      conv(3, 3, 2, 32) + 2 * conv(3, 2, 2, 32) + conv(3, 2, 4, 16) + 2 * conv(3, 4, 4, 16) + conv(1, 4, 8, 16),
    )
    expect(decoder.operations).toBe(
      conv(3, 8, 4, 16) + 2 * conv(3, 4, 4, 16) + conv(3, 4, 2, 32) + 2 * conv(3, 2, 2, 32) + conv(3, 2, 3, 32),
    )
  })

  it('takes three times the way forward where weights learn, and one comparison of each token with each code', () => {
    const config = small()
    const work = Object.fromEntries(workOf(config, 50).map(({ part, operations }) => [part, operations]))
    const visual = tokenizerWork(config)
    expect(work.encoder).toBe(5 * 3 * visual.encoder.operations)
    expect(work['nearest codes']).toBe(5 * 256 * 2 * 50 * 8)
    // One block: q, o 8 × 8; k, v 8 × 4; gate, up, down 8 × 16; the tied head 50 × 8; attention over 10 tokens.
    const token = 2 * (2 * 64 + 2 * 32 + 3 * 128 + 400) + 4 * 10 * 8
    expect(work['language model']).toBe(3 * 10 * 0.5 * 3 * token)
  })

  it('takes a transformer that stays forward only, and the adapter behind it forward and for its weights', () => {
    const { tokenizer } = small()
    const fixed = small((it) => {
      it.tokenizer = { ...tokenizer, encoder: 'vit', vit: { ...tokenizer.vit, patch: 2, weights: 'x', trains: false } }
    })
    const learning = structuredClone(fixed)
    learning.tokenizer.vit.trains = true
    const { transformer, encoder } = tokenizerWork(fixed)
    const [one, other] = [fixed, learning].map(
      (config) => workOf(config, 50).find(({ part }) => part === 'encoder')?.operations,
    )
    expect(one).toBe(5 * (transformer.operations + 2 * encoder.operations))
    expect(other).toBe(5 * 3 * (transformer.operations + encoder.operations))
    // Fixed weights have no gradients, no moments and one buffer; what learns behind them is the adapter: 192 → 8.
    const parts = partsOf(fixed, 50)
    expect(count(fixed, 'encoder', 50)).toBe(192 * 8 + 8)
    expect(count(fixed, 'fixed encoder', 50)).toBe(count(learning, 'encoder', 50) - (192 * 8 + 8))
    expect(parts.find(({ part }) => part === 'fixed encoder')?.learns).toBe(false)
    const memory = memoryOf(fixed, 50, parts)
    expect(memory.activations).toBeLessThan(memoryOf(learning, 50, partsOf(learning, 50)).activations)
  })

  it('is less for adapters and none for a frozen language model', () => {
    const tuned = (tuning: 'lora' | 'frozen' | 'full') =>
      workOf(
        small((it) => Object.assign(it.language, { model: 'smollm2', vocabulary: 50, tuning })),
        50,
      ).find(({ part }) => part === 'language model')?.operations ?? 0
    expect(tuned('frozen')).toBe(0)
    expect(tuned('lora')).toBeLessThan(tuned('full'))
    expect(tuned('lora')).toBeGreaterThan(0.6 * tuned('full'))
  })

  it('counts the discriminator for its share of the steps', () => {
    const judged = (start: number, stop: number) => {
      const config = small((it) => {
        it.losses.adversarial = { ...it.losses.adversarial, weight: 1, start, stop, channels: 2, layers: 1 }
      })
      const work = workOf(config, 50).find(({ part }) => part === 'discriminator')?.operations ?? 0
      return { config, work }
    }
    const { config, work } = judged(0, 0)
    // 4 × 4 kernels: 3 → 2 at 16 × 16, 2 → 4 at 15 × 15, 4 → 1 at 14 × 14.
    const forward = 2 * 16 * (3 * 2 * 256 + 2 * 4 * 225 + 4 * 196)
    expect(discriminatorWork(config).operations).toBe(forward)
    expect(work).toBe(5 * 7 * forward)
    expect(judged(25, 75).work).toBe(work / 2)
  })
})

describe('memory', () => {
  it('gives what learns two buffers for itself and for each moment, and one gradient', () => {
    const config = small()
    const parts = partsOf(config, 50)
    const learned = parts.filter(({ learns }) => learns).reduce((sum, part) => sum + part.count, 0)
    const memory = memoryOf(config, 50, parts)
    expect(memory.moments).toBe(4 * 2 * 2 * learned)
    expect(memory.gradients).toBe(4 * learned)
    expect(memory.weights).toBe(4 * 2 * (learned + 50 * 8 + 50))
    expect(memory.frozen).toBe(0)
  })

  it('counts what learns and its moments once more, as onnxruntime hands them back and as a checkpoint takes them', () => {
    const config = small()
    const memory = memoryOf(config, 50, partsOf(config, 50))
    expect(memory.copies).toBe(memory.gradients + memory.moments / 2)
    const frozen = small((it) => Object.assign(it.language, { model: 'smollm2', vocabulary: 50, tuning: 'frozen' }))
    expect(memoryOf(frozen, 50, partsOf(frozen, 50)).copies).toBeLessThan(memory.copies)
  })

  it('holds the weights of a perceptual network, and what it computes of a picture and its reconstruction', () => {
    const [without, compared] = (['none', 'lpips-vgg16'] as const).map((network) => {
      const config = small((it) => {
        it.losses.perceptual = { ...it.losses.perceptual, network, path: network === 'none' ? '' : 'lpips.safetensors' }
      })
      return memoryOf(config, 50, partsOf(config, 50))
    })
    expect((compared?.frozen ?? 0) - (without?.frozen ?? 0)).toBe(4 * perceptualParameters('lpips-vgg16'))
    expect((compared?.activations ?? 0) - (without?.activations ?? 0)).toBe(
      4 * 5 * 4 * perceptualWork('lpips-vgg16', 32).outputs,
    )
  })

  it('cuts state over devices when it is sharded, and activations with the batch', () => {
    const config = preset('hq-unicode-paper')
    const parts = partsOf(config, 32_000)
    const [one, eighth] = [memoryOf(config, 32_000, parts), memoryOf(config, 32_000, parts, 48, 1)]
    expect(eighth.weights).toBe(one.weights)
    expect(eighth.activations).toBeLessThan(0.14 * one.activations)
    expect(one.frozen).toBeGreaterThan(2 * 6.7e9)
    const cut = sharded(eighth, 8)
    expect(cut.frozen).toBe(eighth.frozen / 8)
    expect(totalOf(cut)).toBeLessThan(totalOf(eighth))
  })

  // Peaks of resident memory as docs/presets.md has them, and how far off the estimate may be.
  it.each([
    ['quick', 1972, 0.72, 0.15],
    ['hq-unicode-smollm2', 49_152, 2.93, 0.14],
    ['spae', 49_152, 2.14, 0.04],
  ])('of %s is near what a run was measured to hold', (id, vocabulary, gigabytes, off) => {
    expect(Math.abs(estimateRun(preset(id), vocabulary).memoryBytes / (gigabytes * 1e9) - 1)).toBeLessThan(off)
  })

  it('is within a tenth of the 7.17 GB that a run held in which all of SmolLM2 learned', () => {
    const { data, tokenizer } = preset('quick')
    const { codebook, language, ...others } = preset('hq-unicode-smollm2')
    const config = experimentObject.parse({
      ...others,
      data,
      tokenizer,
      codebook: { ...codebook, paradigm: 'independent', size: 512 },
      language: { ...language, tuning: 'full', ratio: 1 },
    })
    expect(Math.abs(estimateRun(config, 49_152).memoryBytes / 7.17e9 - 1)).toBeLessThan(0.1)
  })
})

describe('hours elsewhere', () => {
  const run = { steps: 21_600, batchSize: 384, operations: 5e14 }

  it('divides all operations by the share of the peak of all devices', () => {
    // 21,600 × 5e14 = 1.08e19 operations at 8 × 250e12 × 0.4 = 8e14 a second: 13,500 s.
    expect(hoursAt({ unit: 'TFLOP/s', value: 250, utilisation: 0.4 }, run, 8)).toBeCloseTo(3.75, 10)
  })

  it('divides all pictures by the pace of all devices', () => {
    // 21,600 × 384 = 8,294,400 pictures at 8 × 100 a second: 10,368 s.
    expect(hoursAt({ unit: 'images/s', value: 100 }, run, 8)).toBeCloseTo(2.88, 10)
  })
})
