import { expect, it } from 'vitest'
import { trainStageOne } from '../../src-main/training/stage-one.ts'
import { MemoryRecorder, tinyConfig, tinyData } from '../fixtures/tiny-experiment.ts'

it('keeps the memory of a training process flat over 500 steps', async () => {
  const resident: number[] = []
  class Watching extends MemoryRecorder {
    override event(event: Parameters<MemoryRecorder['event']>[0]): void {
      if (event.kind === 'metrics' && event.values['memory.resident']) resident.push(event.values['memory.resident'])
    }
  }
  // 500 steps first, in which the garbage collector finds its sizes.
  const config = tinyConfig((tiny) => {
    Object.assign(tiny.training, { steps: 1000, evaluateEvery: 1000, sampleEvery: 1000, checkpointEvery: 1000 })
  })
  await trainStageOne({
    config,
    ...tinyData(),
    recorder: new Watching(),
    control: { request: () => 'none' },
    resumeFrom: null,
    threads: 1,
  })
  expect(resident).toHaveLength(100)
  const highest = (from: number, to: number) => Math.max(...resident.slice(from, to))
  // A leak of one batch a step (49 kB) would add 20 MB between the two.
  expect(highest(90, 100)).toBeLessThan(highest(45, 55) + 10)
}, 120_000)
