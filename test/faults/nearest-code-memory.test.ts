import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('looks among 49,152 codes of width 576 in less than 256 MB beyond its operands, and finds each', async () => {
  const script = fileURLToPath(new URL('../fixtures/nearest-memory.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script, '4096', '49152', '576'])
  const { right, beyond } = JSON.parse(stdout) as { right: number; beyond: number }
  expect(right).toBe(4096)
  // The search was there: the scores of one chunk alone take tens of MB.
  expect(beyond).toBeGreaterThan(10)
  expect(beyond).toBeLessThan(256)
})
