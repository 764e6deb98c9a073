import { expect, it } from 'vitest'
import { smallConfig } from '../../../../test/fakes/small-config.ts'
import { hasPrior, hasSecondStage, waitsForCheckpoint } from './second-stage.ts'

const small = smallConfig()
const config = smallConfig({
  training: { ...small.training, steps: 400 },
  multimodal: { ...small.multimodal, steps: 1000, checkpointEvery: 250 },
})
const run = { config, state: 'running' as const, step: 120, checkpointSteps: [100] }

it('knows a run with a second stage', () => {
  expect(hasSecondStage(run)).toBe(true)
  expect(hasSecondStage({ config: small })).toBe(false)
})

it('says when the first checkpoint of the second stage comes', () => {
  expect(waitsForCheckpoint(run)).toBe(
    'The run is running. Stage I is at step 120 of 400; the language model learns to read and paint after it. Its first checkpoint that can be asked comes at step 650.',
  )
  expect(waitsForCheckpoint({ ...run, step: 500, checkpointSteps: [400] })).toContain(
    'Stage II is at step 100 of 1,000.',
  )
  expect(waitsForCheckpoint({ ...run, step: 700, checkpointSteps: [400, 650] })).toBeNull()
})

it('says the same of a prior, which has steps of its own', () => {
  const painter = { ...run, config: { ...config, multimodal: small.multimodal, prior: { ...small.prior, steps: 100 } } }
  expect([hasPrior(painter), hasSecondStage(painter), hasPrior(run)]).toEqual([true, false, false])
  expect(waitsForCheckpoint(painter)).toBe(
    'The run is running. Stage I is at step 120 of 400; the prior learns to paint after it. Its first checkpoint that can be asked comes at step 500.',
  )
  expect(waitsForCheckpoint({ ...painter, step: 450, checkpointSteps: [400] })).toContain(
    'The prior is at step 50 of 100.',
  )
  expect(waitsForCheckpoint({ ...painter, checkpointSteps: [400, 500] })).toBeNull()
})
