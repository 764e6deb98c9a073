import { expect, it } from 'vitest'
import { runSummary as run } from '../../../test/fixtures/run-summary.ts'
import { codesUsed } from './codes-used.ts'
import { countBy, filterRuns } from './run-filter.ts'

const runs = [
  run({ name: 'Quick frozen', paradigm: 'frozen', tags: ['paper'] }),
  run({ name: 'quick iterative', state: 'running', paradigm: 'iterative', tags: ['paper', 'long'] }),
  run({ name: 'other', state: 'failed', note: 'too high a learning rate' }),
]
const none = { search: '', states: [], tags: [] }
const names = (filter: Parameters<typeof filterRuns>[1]) => filterRuns(runs, filter).map(({ name }) => name)

it('finds runs that hold every word, in any case, in name, paradigm, note or tag', () => {
  expect(names({ ...none, search: 'QUICK iter' })).toEqual(['quick iterative'])
  expect(names({ ...none, search: 'learning' })).toEqual(['other'])
  expect(names({ ...none, search: 'long' })).toEqual(['quick iterative'])
  expect(names({ ...none, search: 'quick failed' })).toEqual([])
})

it('takes any of the states and all of the tags', () => {
  expect(names({ ...none, states: ['running', 'failed'] })).toEqual(['quick iterative', 'other'])
  expect(names({ ...none, tags: ['paper', 'long'] })).toEqual(['quick iterative'])
  expect(names(none)).toHaveLength(3)
})

it('counts tags, most used first', () => {
  expect(countBy(runs, ({ tags }) => tags)).toEqual([
    ['paper', 2],
    ['long', 1],
  ])
})

it('lists codes used from the coarse layer on', () => {
  expect(codesUsed(run({ latest: { 'usage.codes.0': 12, 'usage.codes.1': 40, 'heldout.mse': 1 } }))).toEqual([12, 40])
})
