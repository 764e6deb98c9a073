import { expect, it } from 'vitest'
import { latestByName, placeOfAlarm } from './alarm-list.ts'

const alarm = (name: string, step: number) => ({ name, step, message: 'm', remedy: 'r' })
const run = { steps: 1000, sampleSteps: [0, 50, 100] }

it('shows each alarm once, as it rang last, the newest first', () => {
  const shown = latestByName([alarm('a', 10), alarm('b', 20), alarm('a', 30)])
  expect(shown.map(({ name, step, times }) => [name, step, times])).toEqual([
    ['a', 30, 2],
    ['b', 20, 1],
  ])
})

it('leads to what the alarm is about, at its step', () => {
  expect(placeOfAlarm(alarm('codebook collapse in layer 0', 60), run)).toMatchObject({ tab: 'codebook', step: '60' })
  expect(placeOfAlarm(alarm('exploding norms', 60), run)).toMatchObject({ tab: 'drift', step: '60' })
  expect(placeOfAlarm(alarm('language collapse', 60), run)).toMatchObject({ tab: null, range: '0,160' })
})

it('leads to the curves where no sample was recorded', () => {
  expect(placeOfAlarm(alarm('exploding norms', 400), { steps: 1000, sampleSteps: [] })).toMatchObject({
    tab: null,
    range: '300,500',
  })
})
