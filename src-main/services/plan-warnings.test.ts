import { describe, expect, it } from 'vitest'
import { codeMapSides } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { smallConfig } from '../../test/fakes/small-config.ts'
import { type PlanFacts, planWarnings } from './plan-warnings.ts'

const facts: PlanFacts = {
  codebookSize: 1000,
  trainingPictures: 1600,
  heldOutPictures: 180,
  longestText: 20,
  memoryBytes: 1e9,
  machineMemoryBytes: 8e9,
  cores: 4,
  concurrency: 2,
}
const quick = smallConfig()
const codebook = (changes: Partial<ExperimentConfig['codebook']>) =>
  smallConfig({
    codebook: {
      ...quick.codebook,
      paradigm: 'iterative',
      restart: 0,
      interval: 20,
      emaLambda: 0.9,
      syncLambda: 0.5,
      ...changes,
    },
  })
const paths = (config: ExperimentConfig, changes: Partial<PlanFacts> = {}) =>
  planWarnings(config, { ...facts, ...changes }).map(({ path }) => path)

describe('warnings before a start', () => {
  it('has none for a sensible plan', () => {
    expect(paths(codebook({}))).toEqual([])
  })

  it('names a gentle λ, under which the codebook is unified in name only', () => {
    const [warning] = planWarnings(codebook({ syncLambda: 0.99 }), facts)
    expect(warning).toMatchObject({ path: 'codebook.syncLambda' })
    expect(warning?.message).toMatch(/about 1\.1 % of its language-model row/)
    expect(paths(codebook({ syncLambda: 0.99, paradigm: 'dual' }))).toEqual([])
  })

  it('names an interval at which no sync ever happens', () => {
    expect(paths(codebook({ interval: 0 }))).toEqual(['codebook.interval'])
    expect(paths(codebook({ interval: 100_000 }))).toEqual(['codebook.interval'])
  })

  it('looks at the coarsest layer where each has a codebook of its own', () => {
    const config = (shared: boolean) =>
      smallConfig({
        tokenizer: { ...quick.tokenizer, kind: 'hq', layers: 3, resampling: 'pool' },
        codebook: { ...quick.codebook, paradigm: 'independent', size: 3000, shared, restart: 0.5, decay: 0.9 },
      })
    const side = codeMapSides(config(false))
    const tokens = (layer: number) => config(false).training.batchSize * (side[layer] as number) ** 2
    // The coarsest layer has a sixteenth of the finest one's tokens.
    expect(tokens(2)).toBe(16 * tokens(0))
    expect(paths(config(true), { codebookSize: 3000 })).toEqual([])
    const [warning] = planWarnings(config(false), { ...facts, codebookSize: 9000 })
    expect(warning?.path).toBe('codebook.restart')
    expect(warning?.message).toContain(`${(tokens(0) / 3000).toPrecision(2)} tokens per code`)
  })

  it('names a restart threshold that sweeps away codes between two hits', () => {
    // 32 × 64 tokens over 100,000 codes: a hit every 49 steps, and ln(0.05 / (0.9 × 0.02)) / 0.05 = 20 steps to restart.
    const wide = { codebookSize: 100_000 }
    expect(paths(codebook({ restart: 0.9, decay: 0.95 }), wide)).toEqual(['codebook.restart'])
    expect(paths(codebook({ restart: 0.05, decay: 0.99 }), wide)).toEqual([])
    expect(paths(codebook({ restart: 0.1, decay: 0.95 }))).toEqual([])
  })

  it('names what does not fit the machine or the data', () => {
    expect(paths(codebook({}), { memoryBytes: 5e9 })).toEqual(['training.batchSize'])
    expect(paths(codebook({}), { longestText: 999 })).toEqual(['language.context'])
    expect(paths(codebook({}), { trainingPictures: 5 })).toEqual(['training.batchSize'])
    expect(paths(codebook({}), { heldOutPictures: 2 })).toEqual(['training.samplePictures'])
    expect(paths({ ...codebook({}), engine: { runtime: 'onnx', provider: 'cpu', threads: 4 } })).toEqual([
      'engine.threads',
    ])
  })

  it('names schedules that never come round', () => {
    const { training } = quick
    const late = { ...codebook({}), training: { ...training, steps: 100, evaluateEvery: 101, checkpointEvery: 101 } }
    expect(paths(late)).toEqual(['training.evaluateEvery', 'training.checkpointEvery'])
  })

  it('says that a pretrained network that reads pictures is not counted', () => {
    const { multimodal } = quick
    const encoder = { ...multimodal.encoder, path: 'clip.onnx' }
    const second = { ...multimodal, steps: 10, paradigm: 'visual-encoder' as const, encoder }
    expect(paths({ ...codebook({}), multimodal: second })).toEqual(['multimodal.encoder.path'])
    expect(paths({ ...codebook({}), multimodal: { ...second, steps: 0 } })).toEqual([])
    expect(paths({ ...codebook({}), multimodal: { ...second, encoder: { ...encoder, path: '' } } })).toEqual([])
  })
})
