import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { entryFile } from './entry.ts'

it('finds the training entry beside the sources, and beside the bundle or its chunks', () => {
  expect(existsSync(entryFile('train'))).toBe(true)
  for (const module of ['/app/out/main/index.js', '/app/out/main/chunks/workbench-x1.js'])
    expect(entryFile('train', pathToFileURL(module).href)).toBe('/app/out/main/train.js')
})
