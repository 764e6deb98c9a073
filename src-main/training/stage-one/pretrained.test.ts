import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { TensorFile } from '../../../src-shared/safetensors.ts'
import { askAfter, tinyConfig } from '../../../test/fixtures/tiny-experiment.ts'
import { type TinyLlama, tinyLlama, whyNoTinyLlama } from '../../../test/fixtures/tiny-llama.ts'
import { metric, never, tinyTraining } from '../../../test/fixtures/tiny-training.ts'
import { openLlamaWeights } from '../../language/weights/open.ts'
import { writeAdapter } from '../../language/weights/peft.ts'
import { trainedAdapter } from '../trained-adapter.ts'
import { CODES, LANGUAGE_TABLE } from './state.ts'

const missing = whyNoTinyLlama()

describe.skipIf(missing !== '')(
  `Stage I with a pretrained language model${missing && ` (skipped: ${missing})`}`,
  () => {
    let home: string
    let model: TinyLlama
    const train = tinyTraining(() => ({ smollm2: null, weights: join(home, 'weights') }))
    beforeAll(() => {
      home = mkdtempSync(join(tmpdir(), 'pretrained-'))
      model = tinyLlama(join(home, 'model'))
    })
    afterAll(() => rmSync(home, { recursive: true, force: true }))

    const config = (
      paradigm: ExperimentConfig['codebook']['paradigm'],
      tuning: ExperimentConfig['language']['tuning'],
      changes: (config: ExperimentConfig) => void = () => {},
    ) =>
      tinyConfig((own) => {
        own.codebook.paradigm = paradigm
        Object.assign(own.language, { model: 'path', path: model.path, ...model.sizes })
        Object.assign(own.language, { context: 64, tuning, stepsBefore: 2, ratio: 0.5 })
        Object.assign(own.training, { steps: 6, evaluateEvery: 3, sampleEvery: 6, checkpointEvery: 4 })
        changes(own)
      })

    const floats = (file: TensorFile, name: string) => file.tensors[name]?.data as Float32Array
    const linguistic = (file: TensorFile): string[] =>
      Object.keys(file.tensors).filter((name) => /^(adam\.[mv]\.)?language\./.test(name))
    async function stored(name: string): Promise<Float32Array> {
      const weights = await openLlamaWeights(model.path)
      try {
        return (await weights.tensors[name]?.read()) as Float32Array
      } finally {
        await weights.close()
      }
    }

    it('keeps nothing of a frozen model in checkpoints, takes its rows as codes, and measures it', async () => {
      const frozen = await train(config('frozen', 'frozen'))
      expect(linguistic(frozen.file)).toEqual([])
      expect(frozen.file.metadata.model).toMatch(/^model [0-9a-f]{16}$/)
      expect(floats(frozen.file, CODES)).toEqual(await stored('embedding'))
      const perplexities = metric(frozen.recorder, 'language.perplexity')
      expect(perplexities).toHaveLength(3)
      expect(new Set(perplexities).size).toBe(1)
      expect(perplexities[0]).toBeGreaterThan(1)
      expect(frozen.recorder.words).toHaveLength(model.sizes.vocabulary)
      expect(frozen.recorder.words.slice(0, 4)).toEqual(['<|start|>', '<|end|>', ' ', '\n'])

      const iterative = await train(config('iterative', 'frozen'))
      expect(linguistic(iterative.file)).toEqual([])
      expect(floats(iterative.file, CODES)).not.toEqual(await stored('embedding'))
      expect(metric(iterative.recorder, 'language.perplexity')).toEqual(perplexities)
      const syncs = iterative.recorder.events.filter((event) => event.kind === 'sync')
      for (const { before, after } of syncs) expect(after.distance).toBeLessThan(before.distance)
      expect(syncs).toHaveLength(2)
    }, 120_000)

    it('writes the table of a frozen model under dual, and nothing else of it', async () => {
      const { file, recorder } = await train(config('dual', 'frozen'))
      expect(linguistic(file)).toEqual([LANGUAGE_TABLE])
      expect(floats(file, LANGUAGE_TABLE)).toEqual(floats(file, CODES))
      expect(floats(file, LANGUAGE_TABLE)).not.toEqual(await stored('embedding'))
      const perplexities = metric(recorder, 'language.perplexity')
      expect(perplexities[2]).not.toBe(perplexities[0])
    }, 60_000)

    it('learns adapters alone under lora: the loss falls, the base weights in their file stay as they are', async () => {
      const lora = config('iterative', 'lora', (own) => {
        Object.assign(own.language.lora, { rank: 4, targets: ['q', 'v', 'down'] })
        Object.assign(own.language.optimizer, { learningRate: 0.02 })
        Object.assign(own.language, { stepsBefore: 20 })
      })
      const { file, recorder } = await train(lora)
      const adapters = linguistic(file).filter((name) => name.startsWith('language.'))
      expect(adapters).toHaveLength(model.sizes.layers * 3 * 2)
      expect(adapters.every((name) => /\.lora_[ab]$/.test(name))).toBe(true)
      expect(linguistic(file)).toHaveLength(3 * adapters.length)
      for (const name of adapters) expect(floats(file, name).some((value) => value !== 0)).toBe(true)
      const losses = metric(recorder, 'language.loss')
      expect(losses.at(-1)).toBeLessThan(0.9 * (losses[0] as number))
      const [weights] = readdirSync(join(home, 'weights')).filter((name) => name.endsWith('float32.bin'))
      const bytes = readFileSync(join(home, 'weights', weights as string))
      const query = await stored('layer0.q')
      expect(bytes.includes(Buffer.from(query.buffer, query.byteOffset, query.byteLength))).toBe(true)
    }, 60_000)

    it('writes its adapters as PEFT does, and starts from such a folder', async () => {
      const lora = (start = '', alpha = 16) =>
        config('iterative', 'lora', (own) => {
          Object.assign(own.language.lora, { rank: 4, alpha, targets: ['q', 'v'], start })
          Object.assign(own.language, { stepsBefore: 4 })
        })
      const first = await train(lora())
      const folder = join(home, 'adapter')
      await writeAdapter(folder, trainedAdapter(first.file, lora()))
      const second = await train(
        { ...lora(folder), training: { ...lora().training, steps: 1 } },
        // Paused before its first step.
        { request: () => 'pause' },
      )
      const names = linguistic(second.file).filter((name) => name.startsWith('language.'))
      expect(names.length).toBeGreaterThan(0)
      for (const name of names) expect(floats(second.file, name), name).toEqual(floats(first.file, name))
      await expect(train(lora(folder, 8))).rejects.toThrow('language.lora.alpha is 8, the adapter has 16')
      expect(() => trainedAdapter(first.file, config('iterative', 'frozen'))).toThrow('language.tuning is "frozen"')
    }, 60_000)

    it('learns every weight under full tuning', async () => {
      const { file } = await train(config('iterative', 'full'))
      const names = linguistic(file).filter((name) => name.startsWith('language.'))
      for (const name of names)
        expect(floats(file, name), name).not.toEqual(await stored(name.slice('language.'.length)))
      expect(names).toContain('language.head')
    }, 60_000)

    it.each([
      ['iterative', 'lora'],
      ['dual', 'frozen'],
      ['iterative', 'full'],
    ] as const)(
      'goes on bit for bit after a pause under %s with %s tuning',
      async (paradigm, tuning) => {
        const whole = await train(config(paradigm, tuning))
        const begun = await train(config(paradigm, tuning), askAfter(5, 'pause'))
        expect(begun.result.state).toBe('paused')
        const resumed = await train(config(paradigm, tuning), never, begun.file)
        expect([...begun.recorder.numbers(), ...resumed.recorder.numbers()]).toEqual(whole.recorder.numbers())
        for (const [name, { data }] of Object.entries(whole.file.tensors))
          expect(floats(resumed.file, name), name).toEqual(data)
      },
      120_000,
    )

    it('is not resumed over another model', async () => {
      const { file } = await train(config('frozen', 'frozen', (own) => Object.assign(own.training, { steps: 1 })))
      const other = tinyLlama(join(home, 'other'), 'tied')
      const over = config('frozen', 'frozen', (own) =>
        Object.assign(own.language, { path: other.path, ...other.sizes }),
      )
      await expect(train(over, never, file)).rejects.toThrow(
        /written over the language model model [0-9a-f]{16}, but this is other [0-9a-f]{16}/,
      )
    }, 60_000)

    it('names every size of the config that is not the model’s, with the right one', async () => {
      const wrong = config('frozen', 'frozen', (own) =>
        Object.assign(own.language, { layers: model.sizes.layers + 1, feedForward: 96 }),
      )
      await expect(train(wrong)).rejects.toThrow(
        `language.layers is ${model.sizes.layers + 1}, the model has ${model.sizes.layers}; language.feedForward is 96, the model has ${model.sizes.feedForward}`,
      )
    })

    it('says how to install SmolLM2 where it is not', async () => {
      const smollm2 = config('frozen', 'frozen', (own) => Object.assign(own.language, { model: 'smollm2', path: '' }))
      await expect(train(smollm2)).rejects.toThrow('npm run setup:llm')
    })
  },
)
