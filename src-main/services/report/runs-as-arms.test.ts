import { expect, it } from 'vitest'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { RunDetail } from '../../../src-shared/contract/runs.ts'
import { smallConfig } from '../../../test/fakes/small-config.ts'
import { runsAsArms } from './runs-as-arms.ts'

const run = (
  id: string,
  seed: number,
  mse: number,
  changes: (config: ExperimentConfig) => void = () => {},
  state: RunDetail['state'] = 'finished',
): RunDetail => {
  const config = { ...smallConfig(), seed, name: `run ${id}` }
  changes(config)
  return { id, seed, name: config.name, state, config, latest: { 'heldout.mse': mse } } as unknown as RunDetail
}
const wider = (config: ExperimentConfig) => {
  config.codebook = { ...config.codebook, size: 64, paradigm: 'independent' }
}

it('puts runs that differ in their seed alone into one arm, and names what the others differ in', () => {
  const { arms, seeds, name } = runsAsArms([
    run('a', 0, 0.2),
    run('b', 0, 0.1, wider),
    run('c', 3, 0.4, (config) => {
      config.engine = { ...config.engine, threads: 1 }
    }),
    run('d', 3, 0.1, wider),
  ])
  expect(name).toBe('run a and run b')
  expect(seeds).toEqual([0, 3])
  expect(arms.map(({ label, runIds, isBaseline }) => [label, runIds, isBaseline])).toEqual([
    ['run a', ['a', 'c'], true],
    ['run b', ['b', 'd'], false],
  ])
  expect(arms[0]?.settings).toEqual({})
  expect(arms[1]?.settings).toEqual({ 'codebook.size': 64, 'codebook.paradigm': 'independent' })
  expect(arms[0]?.cells['heldout.mse']).toMatchObject({ n: 2, best: false })
  expect(arms[0]?.cells['heldout.mse']?.mean).toBeCloseTo(0.3)
  expect(arms[1]?.cells['heldout.mse']).toMatchObject({ n: 2, mean: 0.1, best: true })
  expect(arms[1]?.cells['heldout.mse']?.difference?.mean).toBeCloseTo(-0.2)
})

it('does not count a run that failed, and takes one run alone', () => {
  const [arm] = runsAsArms([run('a', 0, 0.2), run('b', 1, 9, undefined, 'failed')]).arms
  expect(arm?.runIds).toEqual(['a', 'b'])
  expect(arm?.cells['heldout.mse']).toMatchObject({ n: 1, mean: 0.2, std: null })
  expect(runsAsArms([run('a', 0, 0.2)]).arms).toHaveLength(1)
})
