import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { installedSmolLm2, modelsFolder, SMOLLM2 } from './smollm2.ts'

describe('the installed SmolLM2', () => {
  it('is the file in the models folder of the home, or none', () => {
    const home = temporaryFolder()
    expect(installedSmolLm2(home, {})).toBeNull()
    mkdirSync(modelsFolder(home))
    const path = join(modelsFolder(home), SMOLLM2.file)
    writeFileSync(path, '')
    expect(installedSmolLm2(home, {})).toBe(path)
  })

  it('is the file that the environment names; one that is not there is an error', () => {
    const home = temporaryFolder()
    const other = join(home, 'other.gguf')
    expect(() => installedSmolLm2(home, { UNICODE_WORKBENCH_SMOLLM2: other })).toThrow(
      `${other}, but there is no such file`,
    )
    writeFileSync(other, '')
    expect(installedSmolLm2(home, { UNICODE_WORKBENCH_SMOLLM2: other })).toBe(other)
  })
})
