import { expect, it } from 'vitest'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { PAINTING_REQUESTS } from '../../src-shared/events.ts'
import { cardOf } from '../../src-shared/provenance.ts'
import type { TensorFile } from '../../src-shared/safetensors.ts'
import { graphFolder } from '../../test/fixtures/graph-folder.ts'
import { MemoryRecorder, tinyConfig, tinyData } from '../../test/fixtures/tiny-experiment.ts'
import { tinyStageTwoConfig } from '../../test/fixtures/tiny-stage-two-config.ts'
import { metric, never } from '../../test/fixtures/tiny-training.ts'
import { stageOf } from './checkpoint.ts'
import { trainStages } from './train-stages.ts'

const graphs = graphFolder()
let shared: TensorFile | null = null

async function train(config: ExperimentConfig, resumeFrom: TensorFile | null = null) {
  const recorder = new MemoryRecorder()
  const result = await trainStages({
    config,
    ...tinyData(),
    recorder,
    control: never,
    newestCheckpoint: () => recorder.checkpoints.at(-1)?.file ?? resumeFrom,
    sharedStageOne: {
      find: () => shared && { file: shared, trainedBy: 'the first run' },
      keep: (file) => {
        shared = file
      },
    },
    threads: 1,
    tensorflow: '',
    graphs,
    models: { smollm2: null, weights: '' },
  })
  return { recorder, result, stages: recorder.checkpoints.map(({ file }) => stageOf(file)) }
}

it('trains a prior behind Stage I, paints with it, and leaves Stage I to be shared', async () => {
  shared = null
  const config = tinyConfig(({ prior, training }) => {
    training.steps = 3
    Object.assign(prior, {
      steps: 4,
      kind: 'hq',
      width: 16,
      layers: 1,
      heads: 1,
      feedForward: 16,
      batchSize: 2,
      evaluateEvery: 4,
      paintings: 3,
    })
  })
  const { recorder, result, stages } = await train(config)
  expect(result).toEqual({ state: 'finished', step: 7 })
  expect(stages).toEqual(['one', 'prior'])
  const painted = recorder.paintings.at(-1)
  expect(painted?.step).toBe(7)
  expect(painted?.tensors.painting?.shape).toEqual([3, 32, 32, 3])
  expect(painted?.tensors['codes.1']?.shape).toEqual([3, 8, 8])
  expect(JSON.parse(painted?.metadata[PAINTING_REQUESTS] ?? '')).toHaveLength(3)

  const again = await train({ ...config, name: 'another' })
  expect(again.stages).toEqual(['one', 'prior'])
  expect(metric(again.recorder, 'loss.reconstruction')).toEqual([])
  // What the first stage measured at its end comes along, with its cards.
  expect(metric(again.recorder, 'heldout.mse')).toEqual(metric(recorder, 'heldout.mse').slice(-1))
  const cards = again.recorder.events.flatMap((event) => (event.kind === 'provenance' ? [event.cards] : []))
  expect(cards.some((each) => cardOf(each, 'heldout.mse') !== undefined)).toBe(true)
  expect(again.recorder.checkpoints[0]?.file.metadata).toEqual(recorder.checkpoints[0]?.file.metadata)
  expect(again.recorder.events).toContainEqual(
    expect.objectContaining({ kind: 'log', message: expect.stringContaining('was taken from there') }),
  )
  expect(metric(again.recorder, 'prior.loss')).toEqual(metric(recorder, 'prior.loss'))
}, 60_000)

it('goes on with Stage II where its newest checkpoint is one of it, without Stage I', async () => {
  shared = null
  const config = tinyStageTwoConfig('paint', ({ multimodal, training }) => {
    training.steps = 2
    Object.assign(multimodal, { steps: 4, checkpointEvery: 2, evaluateEvery: 4, paintings: 0, context: 96 })
  })
  const whole = await train(config)
  expect(whole.stages).toEqual(['one', 'two', 'two'])
  const resumed = await train(config, whole.recorder.checkpoints[1]?.file ?? null)
  expect(resumed.stages).toEqual(['two'])
  expect(resumed.recorder.checkpoints.at(-1)?.file).toEqual(whole.recorder.checkpoints.at(-1)?.file)
}, 60_000)

it('tries a pretrained encoder before the first step', async () => {
  const config = tinyStageTwoConfig('name', ({ multimodal }) => {
    const encoder = { path: '/nowhere/clip.onnx', width: 8, patches: 4, resize: 'clip' as const }
    Object.assign(multimodal, { paradigm: 'visual-encoder', encoder })
  })
  shared = null
  await expect(train(config)).rejects.toThrow('there is no file "/nowhere/clip.onnx"')
  expect(shared).toBeNull()
})
