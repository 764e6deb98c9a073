import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { homeFolder } from './home.ts'

it('takes --home before the environment, and the environment before the data folder', () => {
  const environment = { UNICODE_WORKBENCH_HOME: '/from/environment', XDG_DATA_HOME: '/data' }
  expect(homeFolder('chosen', environment, 'linux')).toBe(resolve('chosen'))
  expect(homeFolder(undefined, environment, 'linux')).toBe(resolve('/from/environment'))
  expect(homeFolder(undefined, { XDG_DATA_HOME: '/data' }, 'linux')).toBe(join('/data', 'unicode-workbench'))
})

it('uses the data folder that each system has for its users', () => {
  expect(homeFolder(undefined, {}, 'linux')).toBe(join(homedir(), '.local', 'share', 'unicode-workbench'))
  expect(homeFolder(undefined, {}, 'darwin')).toBe(
    join(homedir(), 'Library', 'Application Support', 'UniCode Workbench'),
  )
  expect(homeFolder(undefined, { LOCALAPPDATA: 'L' }, 'win32')).toBe(join('L', 'UniCode Workbench'))
})
