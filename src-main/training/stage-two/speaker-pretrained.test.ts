import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TinyLlama, tinyLlama, whyNoTinyLlama } from '../../../test/fixtures/tiny-llama.ts'
import { tinyStageTwo } from '../../../test/fixtures/tiny-stage-two.ts'
import { tinyStageTwoConfig } from '../../../test/fixtures/tiny-stage-two-config.ts'
import { GREEDY } from '../../language/sampling.ts'
import type { SpeakingOptions } from './speaker.ts'

const missing = whyNoTinyLlama()

describe.skipIf(missing !== '')(`a pretrained model with adapters${missing && ` (skipped: ${missing})`}`, () => {
  let home: string
  let model: TinyLlama
  const tiny = tinyStageTwo(() => ({ smollm2: null, weights: join(home, 'weights') }))
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'speaker-'))
    model = tinyLlama(join(home, 'model'))
  })
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  it('paints behind a marker of several tokens the codes that it finds likeliest, as scoring says', async () => {
    const config = tinyStageTwoConfig('paint', ({ language, multimodal }) => {
      Object.assign(language, { model: 'path', path: model.path, ...model.sizes, context: 64, tuning: 'frozen' })
      Object.assign(language.lora, { rank: 4, targets: ['q', 'v', 'down'] })
      Object.assign(multimodal, { steps: 8, evaluateEvery: 8, tuning: 'lora', context: 160 })
      multimodal.optimizer.learningRate = 0.05
    })
    const { file } = await tiny.stageTwo(config, await tiny.stageOne(config))
    expect(Object.keys(file.tensors)).not.toContain('language.layer0.q')
    const speaker = await tiny.speaker(config, file)
    const greedy: SpeakingOptions = { text: GREEDY, codes: GREEDY, guidance: 1, seed: 1, alternatives: 1 }
    const question = 'paint number 1 .'
    const painted: { codes: Int32Array; probabilities: number[] } = { codes: new Int32Array(0), probabilities: [] }
    for await (const event of speaker.paint([{ question }], greedy)) {
      if (event.kind === 'code') painted.probabilities.push(event.probability)
      if (event.kind === 'picture-end') painted.codes = event.codes
      if (event.kind === 'end') expect(event.tokens).toHaveLength('<image>'.length + 20)
    }
    const scores = await speaker.score({ question }, painted.codes, 1)
    expect(scores.best).toEqual(painted.codes)
    for (const [at, probability] of painted.probabilities.entries())
      expect(scores.probability[at]).toBeCloseTo(probability, 5)
    // Answers end as the chat template closes them.
    const words: string[] = []
    for await (const event of speaker.converse([{ question: 'what ?' }], { ...greedy, newTokens: 5 }))
      if (event.kind === 'text') words.push(event.text)
    expect(words.join('')).not.toContain('<|end|>')
    await speaker.dispose()
  }, 120_000)
})
