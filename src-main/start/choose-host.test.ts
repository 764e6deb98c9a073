import { expect, it, vi } from 'vitest'
import { chooseHost, type Surroundings } from './choose-host.ts'

const desktop: Surroundings = {
  platform: 'linux',
  environment: { DISPLAY: ':0' },
  userId: 1000,
  electron: async () => '/electron',
}

it('takes Electron where it can run', async () => {
  expect(await chooseHost(null, desktop)).toEqual({ kind: 'electron', program: '/electron' })
  const wayland = { ...desktop, environment: { WAYLAND_DISPLAY: 'wayland-0' } }
  expect((await chooseHost(null, wayland)).kind).toBe('electron')
  expect((await chooseHost(null, { ...desktop, platform: 'darwin', environment: {} })).kind).toBe('electron')
})

it('takes the browser without a display, and fetches nothing for it', async () => {
  const electron = vi.fn(desktop.electron)
  const host = await chooseHost(null, { ...desktop, environment: {}, electron })
  expect(host).toMatchObject({ kind: 'browser', because: expect.stringContaining('DISPLAY') })
  expect(electron).not.toHaveBeenCalled()
})

it('takes the browser for root, whom the sandbox refuses', async () => {
  expect(await chooseHost(null, { ...desktop, userId: 0 })).toMatchObject({
    kind: 'browser',
    because: expect.stringContaining('root'),
  })
})

it('takes the browser, with the reason, where Electron cannot be fetched', async () => {
  const electron = async () => Promise.reject(new Error('no data for 6 s'))
  expect(await chooseHost(null, { ...desktop, electron })).toEqual({ kind: 'browser', because: 'no data for 6 s' })
})

it('takes what was asked for, or fails with the reason', async () => {
  expect(await chooseHost('browser', desktop)).toEqual({ kind: 'browser', because: null })
  expect((await chooseHost('electron', desktop)).kind).toBe('electron')
  await expect(chooseHost('electron', { ...desktop, environment: {} })).rejects.toThrow(
    '--electron: there is no display',
  )
})
