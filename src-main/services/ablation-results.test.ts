import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunState } from '../../src-shared/events.ts'
import { smallConfig } from '../../test/fakes/small-config.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { openDatabase } from '../store/database.ts'
import { createIngestion } from '../store/ingestion.ts'
import { createRunsStore } from '../store/runs-store.ts'
import { ablationResults } from './ablation-results.ts'

interface Life {
  arm: string
  seed: number
  state?: RunState
  mse?: number
}

/** The arms that come of these runs; arm "iterative" is the baseline. */
function resultsOf(lives: readonly Life[]) {
  const database = openDatabase(join(temporaryFolder(), 'workbench.sqlite'))
  const runs = createRunsStore(database)
  const ingestion = createIngestion(database)
  const baseline = smallConfig()
  const labels = [...new Set(lives.map(({ arm }) => arm))]
  for (const [index, { arm, seed, state = 'finished', mse }] of lives.entries()) {
    const id = `run-${index}`
    const codebook = { ...baseline.codebook, paradigm: arm as 'iterative' }
    const cell = { ablationId: 'x', armIndex: labels.indexOf(arm), armLabel: arm, armSettings: {} }
    runs.insert([{ id, config: { ...baseline, codebook, seed }, createdAt: 0, parentId: null, cell }], state)
    const values = { 'heldout.mse': mse ?? 0, 'heldout.psnr': mse ?? 0 }
    if (mse !== undefined) ingestion.take(id, [{ seq: 1, time: 1, kind: 'metrics', step: 1, values }], 1)
  }
  const arms = ablationResults(runs.ofAblation('x'), runs.summaries(), baseline, ['heldout.mse', 'heldout.psnr'])
  database.close()
  return Object.fromEntries(arms.map((arm) => [arm.label, arm]))
}

describe('the result table of an ablation', () => {
  const lives: Life[] = [
    { arm: 'iterative', seed: 0, mse: 4 },
    { arm: 'iterative', seed: 1, mse: 6 },
    { arm: 'dual', seed: 0, mse: 1 },
    { arm: 'dual', seed: 1, mse: 3 },
  ]

  it('has mean and sample deviation over seeds, and Welch’s interval of the difference from the baseline', () => {
    const { iterative, dual } = resultsOf(lives)
    expect(iterative).toMatchObject({ isBaseline: true })
    expect(iterative?.cells['heldout.mse']).toMatchObject({ n: 2, mean: 5, difference: null })
    const cell = dual?.cells['heldout.mse']
    expect(cell?.std).toBeCloseTo(Math.SQRT2)
    // Equal variances and sizes: 2 degrees of freedom, t = 4.302653, standard error √2.
    expect(cell?.difference?.mean).toBe(-3)
    expect(cell?.difference?.low).toBeCloseTo(-3 - 4.302653 * Math.SQRT2, 4)
    expect(cell?.difference?.high).toBeCloseTo(-3 + 4.302653 * Math.SQRT2, 4)
  })

  it('marks the lowest as best where lower is better, and the highest where higher is', () => {
    const { iterative, dual } = resultsOf(lives)
    expect([iterative?.cells['heldout.mse']?.best, dual?.cells['heldout.mse']?.best]).toEqual([false, true])
    expect([iterative?.cells['heldout.psnr']?.best, dual?.cells['heldout.psnr']?.best]).toEqual([true, false])
  })

  it('leaves out runs that failed or were stopped, and says nothing where there is nothing', () => {
    const { iterative, dual, frozen } = resultsOf([
      ...lives.slice(0, 2),
      { arm: 'dual', seed: 0, mse: 100, state: 'failed' },
      { arm: 'dual', seed: 1, mse: 2, state: 'running' },
      { arm: 'frozen', seed: 0, state: 'queued' },
    ])
    expect(iterative?.cells['heldout.mse']?.n).toBe(2)
    expect(dual?.cells['heldout.mse']).toMatchObject({ n: 1, mean: 2, std: null, difference: { mean: -3, low: null } })
    expect(frozen?.cells['heldout.mse']).toMatchObject({ n: 0, mean: null, std: null, best: false, difference: null })
  })
})
