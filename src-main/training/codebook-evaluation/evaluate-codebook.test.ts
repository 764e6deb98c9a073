import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { metricCardSchema } from '../../../src-shared/metric-card.ts'
import { graphFolder } from '../../../test/fixtures/graph-folder.ts'
import { tinyConfig, tinyData } from '../../../test/fixtures/tiny-experiment.ts'
import { tinyLlama, whyNoTinyLlama } from '../../../test/fixtures/tiny-llama.ts'
import { tinyTraining } from '../../../test/fixtures/tiny-training.ts'
import type { Measured } from './cards.ts'
import { type CodebookEvaluationOptions, evaluateCodebook } from './evaluate-codebook.ts'

const graphs = graphFolder()
const home = mkdtempSync(join(tmpdir(), 'codebook-evaluation-'))
const models = { smollm2: null, weights: join(home, 'weights') }
afterAll(() => rmSync(home, { recursive: true, force: true }))
const train = tinyTraining(() => models)

/** The tiny squares, classed by colour. */
function squares() {
  const data = tinyData()
  const pictures = data.pictures.pictures.map((picture) => ({ ...picture, group: picture.label }))
  return { ...data, pictures: { ...data.pictures, pictures } }
}

async function measured(
  config: ExperimentConfig,
  changes: Partial<CodebookEvaluationOptions> = {},
): Promise<Measured & { value(metric: string): number }> {
  const { file, recorder } = await train(config)
  const result = await evaluateCodebook({
    ...{ config, checkpoint: file, ...squares(), tokens: recorder.words, most: 0, batch: 2 },
    ...{ classes: 'group', seed: 0, threads: 1, tensorflow: '', graphs, models, progress: () => {} },
    ...changes,
  })
  for (const card of result.cards) metricCardSchema.parse(card)
  const value = (metric: string) => result.cards.find((card) => card.metric === metric)?.value as number
  return { ...result, value }
}

const short = (
  paradigm: ExperimentConfig['codebook']['paradigm'],
  changes: (own: ExperimentConfig) => unknown = () => {},
) =>
  tinyConfig((own) => {
    own.codebook.paradigm = paradigm
    own.training.steps = 2
    changes(own)
  })

describe('evaluating a codebook', { timeout: 120_000 }, () => {
  it('finds frozen codes on their own rows, and says what a model of its own words cannot tell', async () => {
    const { value, cards, notMeasured } = await measured(
      short('frozen', ({ language }) => Object.assign(language, { tuning: 'frozen' })),
    )
    expect(value('Cosine of used codes to their own rows')).toBeCloseTo(1, 5)
    expect(value('Cosine to the own row, by use')).toBeCloseTo(1, 5)
    expect(value('Rank of the own row, median')).toBe(0)
    expect(value('Own row is the nearest')).toBe(1)
    expect(value('Cosine to the nearest row, columns shuffled')).toBeLessThan(0.99)
    expect(notMeasured.map(({ what }) => what)).toEqual(['Perplexity of codes read as text'])

    // 5 pictures of 16 + 64 codes, in batches of 2.
    const of = (metric: string) => cards.find((card) => card.metric === metric)
    expect(of('Codes used, all layers')?.definition).toContain('400 codes of the set')
    expect(value('Codes used, layer 0')).toBeLessThanOrEqual(value('Codes used, all layers'))
    expect(value('Codes used, layer 0') + value('Dead codes, layer 0')).toBe(
      value('Codes used, layer 0') / value('Codebook usage, any hit, layer 0'),
    )
    expect(of('Batch perplexity, layer 1')?.count).toBe(4)
    expect(value('Code perplexity of the set, layer 1')).toBeCloseTo(Math.exp(value('Code entropy, layer 1')), 9)
    // Streams are as long as the shortest: the coarse layer's 80.
    expect(of('Unigram entropy, codes of layer 1')?.count).toBe(80)
    expect(of('Unigram entropy, text')?.count).toBe(80)
    // Of the four colours all are known to training.
    expect(value('Probing, chance')).toBe(0.25)
    expect(of('Probing code histograms, linear probe')?.count).toBe(5)
    expect(of('Probing code histograms, five nearest neighbours')?.interval).not.toBeNull()
  })

  it('has no rows to compare an independent codebook with, and no batch of too few pictures', async () => {
    const config = short('independent', (own) => Object.assign(own.codebook, { size: 24, interval: 3 }))
    const { value, notMeasured } = await measured(config, { batch: 6, classes: 'subgroup', most: 3 })
    expect(value('Codes used, all layers')).toBeGreaterThan(0)
    expect(value('Cosine of used codes to their own rows')).toBeUndefined()
    expect(value('Unigram entropy, text')).toBeUndefined()
    expect(value('Zipf slope, codes of layer 1')).toBeLessThanOrEqual(0)
    expect(notMeasured.map(({ why }) => why)).toEqual([
      '3 pictures are not one batch of 6; lower --batch',
      'the training pictures have 1 subgroup; probing tells at least 2 classes apart',
      'the codebook is independent: its codes are no rows of a language model',
    ])
  })

  it('is not measured on nothing', async () => {
    const { pictures, texts } = squares()
    const none = evaluateCodebook({
      ...{ config: short('frozen'), checkpoint: { tensors: {}, metadata: {} }, texts, tokens: [], most: 0, batch: 2 },
      ...{ classes: 'group', seed: 0, threads: 1, tensorflow: '', models, progress: () => {} },
      pictures: { ...pictures, heldOut: [] },
    })
    await expect(none).rejects.toThrow('train one with data.heldOut above 0')
  })
})

const missing = whyNoTinyLlama()
describe.skipIf(missing !== '')(`with a pretrained language model${missing && ` (skipped: ${missing})`}`, () => {
  let config: ExperimentConfig
  beforeAll(() => {
    const model = tinyLlama(join(home, 'model'))
    config = short('iterative', (own) => {
      Object.assign(own.language, { model: 'path', path: model.path, ...model.sizes })
      Object.assign(own.language, { context: 64, tuning: 'frozen', stepsBefore: 0 })
    })
  })

  it('reads codes as text, beside the same ones shuffled, text and tokens drawn evenly', async () => {
    const { value, cards, notMeasured } = await measured(config)
    expect(notMeasured).toEqual([])
    const read = cards.filter(({ unit }) => unit === 'tokens')
    expect(read.map(({ metric }) => metric)).toEqual([
      'Perplexity of codes read as text',
      'The same codes, shuffled',
      'Perplexity of text of the same length',
      'Perplexity of tokens drawn evenly',
    ])
    for (const { interval, value: perplexity, definition } of read) {
      expect(interval?.low).toBeLessThanOrEqual(perplexity as number)
      expect(interval?.high).toBeGreaterThanOrEqual(perplexity as number)
      expect(definition).toContain('sequences of 80')
    }
    expect(value('Perplexity of codes read as text')).not.toBe(value('The same codes, shuffled'))
    expect(value('Cosine of used codes to their own rows')).toBeLessThan(0.9999)
  }, 120_000)
})
