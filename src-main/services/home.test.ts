import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { HomeError, openHome } from './home.ts'

it('makes a home for its owner alone, and tells a second app who has it', () => {
  const directory = join(temporaryFolder(), 'home')
  const home = openHome(directory)
  if (process.platform !== 'win32') expect(statSync(directory).mode & 0o777).toBe(0o700)
  expect(() => openHome(directory)).toThrow(HomeError)
  expect(() => openHome(directory)).toThrow(new RegExp(`in use by process ${process.pid} on `))
  home.close()
  openHome(directory).close()
})

it('says which folder cannot be used', () => {
  expect(() => openHome('/dev/null/home')).toThrow(/\/dev\/null\/home cannot be used: .*--home/)
})
