import { expect, it } from 'vitest'
import { armsOf } from './arms.ts'

const run = (name: string, armLabel: string | null, ablationId: string | null = 'x') => ({ name, armLabel, ablationId })

it('puts the seeds of one arm together', () => {
  const arms = armsOf([run('a', 'frozen'), run('b', 'dual'), run('c', 'frozen')])
  expect(arms?.map((arm) => [arm.label, arm.runs.map((one) => one.name)])).toEqual([
    ['frozen', ['a', 'c']],
    ['dual', ['b']],
  ])
})

it('has no arms for runs that share no ablation', () => {
  expect(armsOf([run('a', 'frozen'), run('b', 'frozen', 'y')])).toBeNull()
  expect(armsOf([run('a', null, null)])).toBeNull()
  expect(armsOf([])).toBeNull()
})
