import { expect, it } from 'vitest'
import { tinyConfig } from '../test/fixtures/tiny-experiment.ts'
import { tinyStageTwoConfig } from '../test/fixtures/tiny-stage-two-config.ts'
import { metricDefinition, resultMetrics } from './metrics.ts'
import { taskNames } from './multimodal.ts'
import { tasksOf } from './multimodal-metrics.ts'

it('has a definition for every number of a table of results', () => {
  for (const name of resultMetrics(2, { tasks: taskNames, prior: true }))
    expect(metricDefinition(name)?.definition.length, name).toBeGreaterThan(20)
})

it('shows the tasks that any run of a second stage learns, and none of runs without one', () => {
  expect(tasksOf([tinyConfig()])).toEqual([])
  expect(tasksOf([tinyStageTwoConfig('paint'), tinyConfig(), tinyStageTwoConfig('name')])).toEqual(['name', 'paint'])
})

it('knows no metric of a task that there is not', () => {
  expect(metricDefinition('task.juggling.loss')).toBeUndefined()
  expect(metricDefinition('task.paint.colour')).toBeUndefined()
})
