import { expect, it } from 'vitest'
import { chartGroups } from './chart-groups.ts'

it('puts the layers of one metric into one chart, in the order of the layers', () => {
  const [group] = chartGroups(['usage.codes.1', 'usage.codes.10', 'usage.codes.0', 'usage.codes.2'])
  expect(group?.title).toBe('Codebook')
  expect(group?.charts).toHaveLength(1)
  expect(group?.charts[0]?.title).toBe('Codes used')
  expect(group?.charts[0]?.members.map((member) => member.label)).toEqual(['layer 0', 'layer 1', 'layer 2', 'layer 10'])
})

it('orders groups from reconstruction to speed and puts the headline metric first', () => {
  const groups = chartGroups(['speed.images', 'drift.distance', 'drift.cosine', 'gradient.norm', 'heldout.mse'])
  expect(groups.map((group) => group.group)).toEqual(['reconstruction', 'drift', 'speed'])
  expect(groups[0]?.charts.map((chart) => chart.metric)).toEqual(['heldout.mse', 'gradient.norm'])
  expect(groups[1]?.charts[0]?.metric).toBe('drift.cosine')
})

it('shows a metric it does not know under its own name instead of hiding it', () => {
  expect(chartGroups(['my.metric'])[0]).toMatchObject({ group: 'other', charts: [{ title: 'my.metric' }] })
})

it('puts what is said of how sure a metric is into the chart of that metric', () => {
  const names = ['heldout.fdMobileNetV2.low', 'heldout.fdMobileNetV2.high', 'heldout.fdMobileNetV2']
  const [group] = chartGroups(names)
  expect(group?.charts).toHaveLength(1)
  expect(group?.charts[0]).toMatchObject({ metric: 'heldout.fdMobileNetV2', title: 'FD-MobileNetV2' })
  expect(group?.charts[0]?.members.map(({ label }) => label)).toEqual(['FD-MobileNetV2', 'upper end', 'lower end'])
})
