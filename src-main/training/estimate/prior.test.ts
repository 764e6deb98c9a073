import { describe, expect, it } from 'vitest'
import { codebookRows } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { tinyConfig } from '../../../test/fixtures/tiny-experiment.ts'
import { countParameters } from '../../engine/initialise.ts'
import { operationsOf } from '../../engine/testing/operations.ts'
import { type Spec, trace } from '../../engine/trace.ts'
import { codeSpecs } from '../../priors/code-inputs.ts'
import { createPrior } from '../../priors/create-prior.ts'
import { priorShape } from '../../priors/prior.ts'
import { estimateRun } from '../estimate.ts'
import { UPDATE_SPECS } from '../optimizer.ts'
import { initialState } from '../prior/state.ts'
import { priorStep } from '../prior/step.ts'
import { priorStage } from './prior.ts'

const K = 60

const config = (kind: ExperimentConfig['prior']['kind'], tokenizer: object = {}): ExperimentConfig =>
  tinyConfig((own) => {
    Object.assign(own.tokenizer, tokenizer)
    Object.assign(own.codebook, { paradigm: 'independent', size: K, interval: 3 })
    Object.assign(own.prior, { kind, steps: 50, width: 32, layers: 3, heads: 2, feedForward: 48, batchSize: 3 })
  })
const tokenizers = { raster: {}, rq: { kind: 'rq', layers: 3 }, hq: {} }

function traced(own: ExperimentConfig): number {
  const shape = priorShape(own, codebookRows(own, K), 0)
  const specs: Record<string, Spec> = {
    ...codeSpecs(shape, own.prior.batchSize),
    classes: { shape: [own.prior.batchSize], dtype: 'int32' },
    ...UPDATE_SPECS,
  }
  for (const [name, { shape: of, dtype }] of Object.entries(initialState(own, shape)))
    specs[name] = { shape: of, dtype }
  return operationsOf(trace((tensors) => priorStep(createPrior(shape), shape, own.prior.optimizer, tensors), specs))
}

describe('what a prior takes', () => {
  it.each(['raster', 'rq', 'hq'] as const)('is estimated for %s as the engine traces its step, to 4 %%', (kind) => {
    const own = config(kind, tokenizers[kind])
    const stage = priorStage(own, K)
    expect(Math.abs((stage?.operations ?? 0) / traced(own) - 1)).toBeLessThan(0.04)
    const learned = countParameters(createPrior(priorShape(own, codebookRows(own, K), 0)).specs)
    expect(stage?.memory.gradients).toBe(4 * learned)
    expect(stage).toMatchObject({ kind: 'prior', steps: 50 })
  })

  it('is nothing without one, and counts for a run where it is the larger stage', () => {
    expect(priorStage(tinyConfig(), K)).toBeNull()
    const small = config('raster')
    const large = { ...small, prior: { ...small.prior, batchSize: 4096 } }
    expect(estimateRun(small, K).second?.kind).toBe('prior')
    expect(estimateRun(large, K).memoryBytes).toBeGreaterThan(2 * estimateRun(small, K).memoryBytes)
  })
})
