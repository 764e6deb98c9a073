import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('keeps the memory of a training process flat over 500 steps', async () => {
  // In a process of its own, in which garbage is collected before each reading.
  const script = fileURLToPath(new URL('../fixtures/train-tiny.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script, '700'])
  const resident = JSON.parse(stdout) as number[]
  expect(resident).toHaveLength(70)
  const highest = (from: number, to: number) => Math.max(...resident.slice(from, to))
  // A leak of one batch a step (49 kB) would add 25 MB between the two.
  expect(highest(65, 70)).toBeLessThan(highest(15, 20) + 10)
}, 120_000)
