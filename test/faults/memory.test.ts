import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('keeps the memory of a training process flat over 500 steps', async () => {
  // In a process of its own, and after 1000 steps, in which the garbage collector finds its pace.
  const script = fileURLToPath(new URL('../fixtures/train-tiny.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-semi-space-size=2', script, '1500'])
  const resident = JSON.parse(stdout) as number[]
  expect(resident).toHaveLength(150)
  const highest = (from: number, to: number) => Math.max(...resident.slice(from, to))
  // A leak of one batch a step (49 kB) would add 25 MB between the two.
  expect(highest(145, 150)).toBeLessThan(highest(95, 100) + 10)
}, 120_000)
