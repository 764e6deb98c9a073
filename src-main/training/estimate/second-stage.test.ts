import { expect, it } from 'vitest'
import { tinyConfig } from '../../../test/fixtures/tiny-experiment.ts'
import { tinyStageTwoConfig } from '../../../test/fixtures/tiny-stage-two-config.ts'
import { estimateRun } from '../estimate.ts'
import { meanPositions } from './mean-positions.ts'
import { secondStage } from './second-stage.ts'

const K = 50

it('is nothing where there is none', () => {
  expect(secondStage(tinyConfig(), K)).toBeNull()
})

it('counts three times the way forward of each position, in products of matrices and attention', () => {
  const config = tinyStageTwoConfig('paint', ({ multimodal }) => Object.assign(multimodal, { accumulation: 3 }))
  const { width, feedForward, layers } = config.language
  const { batchSize } = config.multimodal
  const length = meanPositions(config)
  // q and o are [32, 32], k and v [16, 32]; gate, up and down [32, 32]; the table is the output matrix.
  const matrices = layers * (2 * width * width + 2 * 16 * width + 3 * feedForward * width) + K * width
  const perPosition = 2 * matrices + layers * 4 * length * width
  expect(secondStage(config, K)?.operations).toBe(3 * batchSize * length * perPosition * 3)
})

it('gives the tokenizer neither gradients nor moments, and the run the larger of both stages', () => {
  const config = tinyStageTwoConfig('paint')
  const second = secondStage(config, K)
  const { width, feedForward, layers } = config.language
  const model = layers * (2 * width * width + 2 * 16 * width + 3 * feedForward * width + 2 * width) + K * width + width
  expect(second?.memory.gradients).toBe(4 * model)
  const larger = tinyStageTwoConfig('paint', ({ multimodal }) => Object.assign(multimodal, { batchSize: 4096 }))
  expect(estimateRun(larger, K).memoryBytes).toBeGreaterThan(2 * estimateRun(config, K).memoryBytes)
})
