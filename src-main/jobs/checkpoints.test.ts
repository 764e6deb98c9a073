import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { readLatestCheckpoint, removeOldCheckpoints, stepFileName, stepsIn, writeCheckpoint } from './checkpoints.ts'

const tensors = (value: number) => ({
  // A view of a larger array, of a size that leaves what follows unaligned.
  picture: { dtype: 'U8' as const, shape: [3], data: Uint8Array.of(0, 7, 8, 9, 0).subarray(1, 4) },
  weight: { dtype: 'F32' as const, shape: [3], data: new Float32Array([value, 2, 3]) },
})

function folderWith(...steps: number[]): string {
  const folder = temporaryFolder()
  for (const step of steps) writeCheckpoint(folder, step, tensors(step), { random: 'state' })
  return folder
}

describe('checkpoints', () => {
  it('come back as they were written', () => {
    const found = readLatestCheckpoint(folderWith(5, 20), () => {})
    expect(found?.step).toBe(20)
    expect(found?.file.tensors.weight?.data).toEqual(new Float32Array([20, 2, 3]))
    expect(found?.file.tensors.picture?.data).toEqual(Uint8Array.of(7, 8, 9))
    expect(found?.file.metadata.random).toBe('state')
  })

  it('are kept two at a time, counted from the one just written', () => {
    const folder = folderWith(10, 20, 30, 40)
    removeOldCheckpoints(folder, 30)
    expect(stepsIn(folder)).toEqual([20, 30])
  })

  it.each([
    ['torn', (path: string) => truncateSync(path, 40)],
    ['empty', (path: string) => truncateSync(path, 0)],
    ['not safetensors', (path: string) => writeFileSync(path, 'hello, this is text and nothing else')],
    [
      'changed by one bit',
      (path: string) => {
        const bytes = readFileSync(path)
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
        writeFileSync(path, bytes)
      },
    ],
  ])('give way to the previous one when the newest is %s, with a warning that names it', (_, damage) => {
    const folder = folderWith(10, 20)
    damage(join(folder, stepFileName(20)))
    const warnings: string[] = []
    expect(readLatestCheckpoint(folder, (message) => warnings.push(message))?.step).toBe(10)
    expect(warnings).toEqual([expect.stringContaining('step-00000020.safetensors')])
  })

  it('are an error that says how to go on when none can be read, and null when there is none', () => {
    const folder = folderWith(10)
    truncateSync(join(folder, stepFileName(10)), 3)
    expect(() => readLatestCheckpoint(folder, () => {})).toThrow(/none of the 1 checkpoints.*clone the run/)
    expect(readLatestCheckpoint(temporaryFolder(), () => {})).toBeNull()
  })
})
