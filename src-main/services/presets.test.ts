import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { readPresets } from './presets.ts'

it('reads every preset that ships, quick first', () => {
  const presets = readPresets()
  expect(presets[0]?.id).toBe('quick')
  expect(presets.every(({ description }) => description.length > 40)).toBe(true)
})

it('names the file that is not a preset', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'broken.json'), '{"id":"broken"}')
  expect(() => readPresets(folder)).toThrow(/broken\.json is not a preset/)
})
