import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeExecutor } from '../../test/fakes/fake-executor.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { meanPositions } from '../training/estimate/mean-positions.ts'
import { readPresets } from './presets.ts'
import { createWorkbench, type Workbench } from './workbench.ts'

let workbench: Workbench
beforeEach(async () => {
  vi.stubEnv('UNICODE_WORKBENCH_SMOLLM2', '')
  const home = join(temporaryFolder(), 'home')
  workbench = await createWorkbench({ home, concurrency: 1, executor: fakeExecutor(() => {}) })
})
afterEach(async () => {
  await workbench.close()
  vi.unstubAllEnvs()
})

const presets = readPresets()
function planOf(id: string) {
  const preset = presets.find((one) => one.id === id)
  if (!preset) throw new Error(`no preset "${id}"`)
  const { title, baseline, factors, seeds } = preset
  return { name: title, baseline, factors, seeds }
}

it('says what a second stage takes, and nothing of one where there is none', async () => {
  const plan = planOf('paradigms-mllm-quick')
  const { steps, batchSize } = plan.baseline.multimodal
  const { preflight } = await workbench.client.plan.preflight(plan)
  expect(preflight?.secondStage).toMatchObject({
    ...{ kind: 'language model', steps },
    positions: Math.round(batchSize * meanPositions(plan.baseline)),
  })
  expect(preflight?.secondStage?.gflop).toBeGreaterThan(1)
  expect(preflight?.memoryBytes).toBeGreaterThanOrEqual(preflight?.secondStage?.memoryBytes ?? 0)
  expect((await workbench.client.plan.preflight(planOf('quick'))).preflight?.secondStage).toBeNull()
  const prior = (await workbench.client.plan.preflight(planOf('priors-quick'))).preflight?.secondStage
  expect(prior).toMatchObject({ kind: 'prior', steps: 800 })
  expect(prior?.gflop).toBeGreaterThan(0.1)
})

describe('a plan at the paper’s size', () => {
  it('is checked without model, data or device, and says of each that it is not here', async () => {
    const { problems, preflight, runs } = await workbench.client.plan.preflight(planOf('hq-unicode-paper'))
    expect([problems, runs]).toEqual([[], 3])
    expect(preflight?.missing.map(({ what, path }) => [what, path])).toEqual([
      ['pictures', 'data.source.path'],
      ['pictures', 'data.source.pictures'],
      ['language model', 'language.path'],
      ['texts', 'language.textsPath'],
      ['weights', 'losses.perceptual.path'],
    ])
    expect(preflight).toMatchObject({
      ...{ trainingPictures: null, heldOutPictures: null, stepsPerEpoch: null, epochs: null, elsewhere: null },
      ...{ vocabulary: 32_000, codebookSize: 32_000, codeWidth: 4096, tokensPerPicture: 320, tokensPerStep: 122_880 },
      tokensOfTraining: 2_654_208_000,
    })
    expect(preflight?.parameters.every(({ count }) => count !== null)).toBe(true)
  })

  it('counts steps and epochs from the number of pictures that is stated', async () => {
    const { preflight } = await workbench.client.plan.preflight({ ...planOf('hq-unicode-paper'), pictures: 558_128 })
    // 1 % is held out: 5,581 of 558,128 pictures.
    expect(preflight).toMatchObject({ trainingPictures: 552_547, heldOutPictures: 5581 })
    expect(preflight?.stepsPerEpoch).toBeCloseTo(552_547 / 384, 9)
    expect(preflight?.epochs).toBeCloseTo((21_600 * 384) / 552_547, 9)
  })

  it('tells hours and memory of devices that are described', async () => {
    const described = (devices: number, deviceMemory: number) =>
      workbench.client.plan.preflight({
        ...planOf('hq-unicode-paper'),
        machine: { devices, deviceMemory, throughput: { unit: 'images/s', value: 100 } },
      })
    const { preflight } = await described(8, 80)
    // 21,600 steps of 384 pictures at 8 · 100 a second; three arms of one seed.
    expect(preflight?.elsewhere?.hoursPerRun).toBeCloseTo(2.88, 9)
    expect(preflight?.elsewhere?.hours).toBeCloseTo(8.64, 9)
    expect(preflight?.elsewhere).toMatchObject({ picturesPerDevice: 48, replicated: { fits: false } })
    const fits = preflight?.elsewhere?.replicated.picturesThatFit ?? 0
    expect(fits).toBeGreaterThan(0)
    expect(fits).toBeLessThan(48)
    // A second stage goes on at the same pace, by its arithmetic.
    const whole = await workbench.client.plan.preflight({
      ...planOf('unicode-paper'),
      machine: { devices: 8, deviceMemory: 80, throughput: { unit: 'TFLOP/s', value: 250, utilisation: 0.4 } },
    })
    const stages = whole.preflight
    const first = (stages?.work ?? []).reduce((sum, { gflop }) => sum + gflop, 0) * 21_600
    const second = (stages?.secondStage?.steps ?? 0) * (stages?.secondStage?.gflop ?? 0)
    expect(second).toBeGreaterThan(0)
    expect(stages?.elsewhere?.hoursPerRun).toBeCloseTo((first + second) / (8 * 250e3 * 0.4) / 3600, 6)
    // Exactly that many pictures fit where the batch is cut so far, and one more does not.
    const many = await described(Math.ceil(384 / fits), 80)
    expect(many.preflight?.elsewhere?.replicated.fits).toBe(true)
  })
})

it('names what a second stage lacks', async () => {
  const { factors: _, ...plan } = planOf('paradigms-mllm-quick')
  const { multimodal } = plan.baseline
  const encoder = { path: '/nowhere/clip.onnx', width: 768, patches: 49, resize: 'clip' }
  const changes = {
    paradigm: 'visual-encoder',
    encoder,
    dialoguesPath: '/nowhere/llava.json',
    picturesPath: '/nowhere',
  }
  const baseline = {
    ...plan.baseline,
    data: { ...plan.baseline.data, limit: 200 },
    multimodal: { ...multimodal, ...changes, tasks: { ...multimodal.tasks, dialogue: 1 } },
  }
  const { problems, preflight } = await workbench.client.plan.preflight({ ...plan, baseline, factors: [] })
  expect(problems).toEqual([])
  expect(preflight?.missing.map(({ what, path }) => [what, path])).toEqual([
    ['texts', 'multimodal.dialoguesPath'],
    ['pictures', 'multimodal.picturesPath'],
    ['weights', 'multimodal.encoder.path'],
  ])
})

describe('a plan whose texts are not here', () => {
  it('leaves open what they decide, and counts the rest', async () => {
    const plan = planOf('quick')
    const source = { kind: 'folder', path: join(temporaryFolder(), 'none') }
    const baseline = { ...plan.baseline, data: { ...plan.baseline.data, source } }
    const { problems, preflight } = await workbench.client.plan.preflight({ ...plan, baseline })
    expect(problems).toEqual([])
    expect(preflight).toMatchObject({ vocabulary: null, codebookSize: null, trainingPictures: null })
    const counts = Object.fromEntries(preflight?.parameters.map(({ part, count }) => [part, count]) ?? [])
    expect(counts).toMatchObject({ encoder: 174_152, codebook: null, 'language model': null })
    expect(preflight?.missing).toMatchObject([{ what: 'pictures', path: 'data.source.path' }])
  })
})

describe('the outlook of the presets', () => {
  it('tells of each what is missing, without opening its data', async () => {
    const outlook = await workbench.client.presets.outlook()
    expect(outlook.map(({ id }) => id)).toEqual(presets.map(({ id }) => id))
    const of = (id: string) => outlook.find((one) => one.id === id)
    expect(of('quick')).toMatchObject({ minutes: null, missing: [] })
    expect(of('hq-unicode-smollm2')?.missing).toMatchObject([{ what: 'language model', path: 'language.model' }])
    expect(of('hq-unicode-paper')?.missing.length).toBe(5)
    expect(of('hq-unicode-paper')?.memoryBytes).toBeGreaterThan(1e11)
  })
})
