import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { unflattenCodes } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { PAINTING_REQUESTS } from '../../../src-shared/events.ts'
import type { MultimodalConfig, TaskName } from '../../../src-shared/multimodal.ts'
import type { StoredTensor } from '../../../src-shared/safetensors.ts'
import { PATCH_WIDTH, patchNetwork } from '../../../test/fixtures/patch-network.ts'
import { askAfter } from '../../../test/fixtures/tiny-experiment.ts'
import { tinyStageTwo } from '../../../test/fixtures/tiny-stage-two.ts'
import { tinyStageTwoConfig } from '../../../test/fixtures/tiny-stage-two-config.ts'
import { metric } from '../../../test/fixtures/tiny-training.ts'

const { stageOne, stageTwo, speaker, pictures, dialoguesOf } = tinyStageTwo()
const likeliest = { temperature: 0, topK: null, topP: null }
const greedy = { text: likeliest, codes: likeliest, guidance: 1, seed: 0, alternatives: 0, newTokens: 8 }

describe('Stage II', () => {
  const cases: [MultimodalConfig['paradigm'], MultimodalConfig['input'], TaskName][] = [
    ['unified', 'aggregated', 'name'],
    ['unified', 'flattened', 'name'],
    ['unified', 'features', 'name'],
    ['unified', 'aggregated', 'paint'],
    ['unified', 'aggregated', 'decompression'],
    ['visual-tokenizer', 'aggregated', 'name'],
    ['visual-tokenizer', 'flattened', 'paint'],
    ['visual-tokenizer', 'aggregated', 'decompression'],
    ['visual-encoder', 'features', 'name'],
  ]
  it.each(cases)(
    'learns two dialogues by heart: %s, %s, %s',
    async (paradigm, input, task) => {
      // A projector learns from chance what codes are known by.
      const steps = paradigm === 'visual-encoder' ? 400 : 140
      const config = tinyStageTwoConfig(task, ({ multimodal }) => {
        Object.assign(multimodal, { paradigm, input, steps, evaluateEvery: steps })
      })
      const { recorder, result } = await stageTwo(config, await stageOne(config))
      expect(result).toEqual({ state: 'finished', step: config.training.steps + steps })
      const losses = metric(recorder, `task.${task}.loss`)
      expect(losses[0]).toBeGreaterThan(1)
      expect(losses.at(-1)).toBeLessThan(0.05)
      const right = metric(recorder, task === 'name' ? 'task.name.right' : `task.${task}.codes`)
      expect(right.at(-1)).toBe(1)
    },
    60_000,
  )
})

it('learns two dialogues by heart from the patches of a pretrained network, and answers by them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'patches-'))
  try {
    const encoder = {
      path: patchNetwork(folder, 'class token first'),
      width: PATCH_WIDTH,
      patches: 16,
      resize: 'plain',
    }
    const config = tinyStageTwoConfig('name', ({ multimodal }) => {
      const changes = { paradigm: 'visual-encoder', places: 'learned', encoder, steps: 400, evaluateEvery: 400 }
      Object.assign(multimodal, changes)
    })
    const { recorder, file } = await stageTwo(config, await stageOne(config))
    expect(metric(recorder, 'task.name.loss').at(-1)).toBeLessThan(0.05)
    expect(metric(recorder, 'task.name.right').at(-1)).toBe(1)
    // The projector takes the network's width, and every patch has a place.
    expect(file.tensors['multimodal.projector.0.kernel']?.shape).toEqual([32, PATCH_WIDTH])
    expect(file.tensors['multimodal.places']?.shape).toEqual([16, 32])
    const told = await speaker(config, file)
    const [dialogue] = dialoguesOf(config, 2).filter(({ task }) => task === 'name')
    const { turns, pictures: shown } = dialogue as NonNullable<typeof dialogue>
    const reference = shown[0]?.picture
    const pixels = pictures.pixels(reference?.kind === 'picture' ? reference.picture : 0)
    let said = ''
    const asked = [{ question: turns[0]?.question ?? '', pictures: [{ pixels }] }]
    for await (const event of told.converse(asked, greedy)) if (event.kind === 'text') said += event.text
    expect(said.trim()).toBe(turns[0]?.answer)
    await told.dispose()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)

describe('a run of Stage II', () => {
  it('paints what it is asked for at each evaluation, and in the end what it has learned by heart', async () => {
    const config = tinyStageTwoConfig('paint', ({ multimodal }) => {
      Object.assign(multimodal, { steps: 140, evaluateEvery: 140, paintings: 2 })
    })
    const begun = await stageOne(config)
    const { recorder, file } = await stageTwo(config, begun)
    expect(recorder.paintings.map(({ step }) => step)).toEqual([3, 143])
    const { tensors, metadata } = recorder.paintings[1] as (typeof recorder.paintings)[number]
    const requests = JSON.parse(metadata[PAINTING_REQUESTS] ?? '') as string[]
    expect([...requests].sort()).toEqual(['paint number 0 .', 'paint number 1 .'])
    expect(tensors.painting?.shape).toEqual([2, 32, 32, 3])
    const told = await speaker(config, file)
    for (const [row, request] of requests.entries()) {
      const number = Number(/\d/.exec(request)?.[0])
      const [picture] = await told.encode([pictures.pixels(number)])
      const truth = unflattenCodes(picture?.codes ?? [], [2, 4])
      for (const [layer, map] of truth.entries())
        expect(tensors[`codes.${layer}`]?.data.slice(row * map.length, (row + 1) * map.length)).toEqual(map)
    }
    await told.dispose()
    // Each picture is a class of its own here, and what was learned by heart looks like the true one through the tokenizer.
    expect(metric(recorder, 'task.paint.recognised')).toEqual(metric(recorder, 'task.paint.reconstructed'))
    expect(metric(recorder, 'task.paint.judged')).toEqual([2])
    // What a cache left in the state would be in the checkpoint.
    expect(Object.keys(file.tensors).filter((name) => name.includes('cache'))).toEqual([])
  }, 30_000)

  it('is held to more dialogues when training ends', async () => {
    const config = tinyStageTwoConfig('name', ({ multimodal }) => {
      Object.assign(multimodal, { steps: 2, evaluateEvery: 1, evaluateDialogues: 1, evaluateDialoguesLast: 2 })
    })
    const { recorder } = await stageTwo(config, await stageOne(config))
    expect(metric(recorder, 'task.name.majority')).toEqual([1, 1, 0.5])
  }, 30_000)

  it('judges the paintings of known kinds alone, and says how many they are', async () => {
    const config = tinyStageTwoConfig('paint', ({ multimodal }) => {
      Object.assign(multimodal, { steps: 2, evaluateEvery: 2, paintings: 2 })
    })
    const begun = await stageOne(config)
    const judged = async (classOf: (picture: number) => string) => {
      const { recorder } = await stageTwo(config, begun, undefined, 2, classOf)
      return ['judged', 'recognised', 'commonest'].map((name) => metric(recorder, `task.paint.${name}`))
    }
    // Of the two pictures that are asked for one has no kind; the other's is the only one that the judge knows.
    expect(await judged((picture) => (picture === 0 ? '' : 'square'))).toEqual([[1], [1], [1]])
    expect(await judged(() => '')).toEqual([[0], [], []])
    expect(await judged((picture) => (picture < 2 ? 'square' : ''))).toEqual([[0], [], []])
  }, 30_000)

  it('gives the same numbers, bit for bit, whether it was paused or not', async () => {
    const config = tinyStageTwoConfig('decompression', ({ multimodal }) => {
      Object.assign(multimodal, { steps: 12, evaluateEvery: 4, checkpointEvery: 5, batchSize: 2, lengthGrouping: 2 })
      multimodal.tasks.name = 1
      multimodal.tasks.paint = 0.5
    })
    const begun = await stageOne(config)
    const whole = await stageTwo(config, begun)
    const first = await stageTwo(config, begun, askAfter(7, 'pause'))
    expect(first.result).toEqual({ state: 'paused', step: config.training.steps + 7 })
    const second = await stageTwo(config, first.file)
    expect([...first.recorder.numbers(), ...second.recorder.numbers()]).toEqual(whole.recorder.numbers())
    expect(second.file).toEqual(whole.file)
  }, 30_000)

  it('adds the gradients of several batches up to those of one, however many tokens each has to learn', async () => {
    const losses = async (accumulation: number, batchSize: number) => {
      const config = tinyStageTwoConfig('paint', ({ multimodal }) => {
        Object.assign(multimodal, { steps: 6, evaluateEvery: 6, accumulation, batchSize, lengthGrouping: 1 })
        // A word beside twenty codes.
        multimodal.tasks.name = 1
      })
      const { recorder } = await stageTwo(config, await stageOne(config))
      return metric(recorder, 'multimodal.loss')
    }
    const [parts, whole] = [await losses(2, 2), await losses(1, 4)]
    expect(parts).toHaveLength(6)
    for (const [at, loss] of parts.entries()) expect(loss).toBeCloseTo(whole[at] as number, 4)
  }, 30_000)

  it('leaves tokenizer and codebook as Stage I left them, and changes the language model', async () => {
    const config = tinyStageTwoConfig('name', ({ multimodal }) => Object.assign(multimodal, { steps: 3 }))
    const begun = await stageOne(config)
    const { file } = await stageTwo(config, begun)
    const kept = Object.keys(file.tensors).filter((name) => name.startsWith('tokenizer.') || name === 'codebook.codes')
    expect(kept.length).toBeGreaterThan(10)
    for (const name of kept) expect(file.tensors[name]?.data, name).toEqual(begun.tensors[name]?.data)
    expect(file.tensors['language.layer0.q']?.data).not.toEqual(begun.tensors['language.layer0.q']?.data)
  }, 30_000)

  it('counts dialogues that do not fit and draws others, or stops if it is told to', async () => {
    const change = (problems: 'skip' | 'stop') => (config: ExperimentConfig) => {
      Object.assign(config.multimodal, { steps: 4, context: 24, problems })
      config.multimodal.tasks.name = 1
    }
    const config = tinyStageTwoConfig('paint', change('skip'))
    const { recorder, result } = await stageTwo(config, await stageOne(config))
    expect(result.state).toBe('finished')
    const warnings = recorder.events.flatMap((event) =>
      event.kind === 'log' && event.level === 'warning' ? [event.message] : [],
    )
    expect(warnings.join('\n')).toMatch(
      /(a|each of \d+) drawn dialogues? is longer than the context of 24 positions; the first: paint, paint/,
    )
    expect(warnings.join('\n')).toMatch(/each of 2 held-out dialogues is longer than .*; they are not evaluated/)
    expect(metric(recorder, 'task.paint.loss')).toEqual([])
    expect(metric(recorder, 'task.name.loss').length).toBeGreaterThan(0)
    const stopping = tinyStageTwoConfig('paint', change('stop'))
    await expect(stageTwo(stopping, await stageOne(stopping))).rejects.toThrow(
      'longer than the context of 24 positions',
    )
  }, 30_000)

  it('refuses a codebook that is not the language model’s', async () => {
    const config = tinyStageTwoConfig('name')
    const begun = await stageOne(config)
    const table = begun.tensors['codebook.codes'] as StoredTensor
    const [rows, width] = table.shape as [number, number]
    const cut = { ...table, shape: [rows - 1, width], data: (table.data as Float32Array).slice(0, (rows - 1) * width) }
    await expect(stageTwo(config, { ...begun, tensors: { ...begun.tensors, 'codebook.codes': cut } })).rejects.toThrow(
      `codebook has ${rows - 1} codes of width ${width}, but the language model has ${rows} tokens of width ${width}`,
    )
  }, 30_000)
})
