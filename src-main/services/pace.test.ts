import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { tinyStageTwoConfig } from '../../test/fixtures/tiny-stage-two-config.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { createSettingsStore } from '../store/settings-store.ts'
import { createPace, type Pace, type PacedRun } from './pace.ts'

let database: Database
let pace: Pace
beforeEach(() => {
  database = openDatabase(join(temporaryFolder(), 'workbench.sqlite'))
  pace = createPace(createSettingsStore(database))
})
afterEach(() => database.close())

/** A run of two stages, a step of the later one four times the arithmetic of one of the first. */
const run = (batchSize = 2, changes: Partial<PacedRun> = {}): PacedRun => ({
  config: tinyStageTwoConfig('name', ({ multimodal }) => Object.assign(multimodal, { batchSize })),
  threads: 2,
  estimate: {
    gflopPerStep: 10,
    second: { kind: 'language model', steps: 60, positions: 1, operations: 40e9, memory: {} as never },
  },
  ...changes,
})

it('knows nothing before the first run, and goes by arithmetic then', () => {
  expect(pace.known()).toBe(false)
  expect(pace.estimate(run())).toEqual({ first: null, later: null })
  expect(pace.laterWeight(run())).toBe(4)
})

it('gives each stage what it took in a run of the same shape', () => {
  pace.note(run(), { first: 2, later: 3 })
  expect(pace.known()).toBe(true)
  expect(pace.estimate(run())).toEqual({ first: 2, later: 3 })
  expect(pace.laterWeight(run())).toBe(1.5)
  // The same first stage, but a later one of another shape.
  expect(pace.estimate(run(4))).toEqual({ first: 2, later: 8 })
  expect(pace.laterWeight(run(4))).toBe(4)
  pace.note(run(), { first: null, later: 5 })
  expect(pace.estimate(run())).toEqual({ first: 2, later: 5 })
})

it('never takes the pace of a later stage for that of a first one', () => {
  pace.note(run(), { first: 2, later: null })
  pace.note(run(4), { first: null, later: 100 })
  const other = run(2, { threads: 1 })
  expect(pace.estimate(other)).toEqual({ first: 4, later: 16 })
  expect(pace.estimate({ ...other, estimate: { gflopPerStep: 30, second: null } })).toEqual({ first: 12, later: null })
})
