import { afterEach, expect, it, vi } from 'vitest'
import { portAnswer, portChannel, portRequest } from '../../src-shared/port-handover.ts'

const electron = vi.hoisted(() => ({ ipcRenderer: { postMessage: vi.fn() } }))
vi.mock('electron', () => electron)
afterEach(() => vi.unstubAllGlobals())

it('gives the page and the main process the two ends of one channel, each time the page itself asks', async () => {
  let receive: (event: { source: unknown; data: unknown }) => void = () => undefined
  const window = {
    addEventListener: (_type: string, listener: typeof receive) => {
      receive = listener
    },
    postMessage: vi.fn(),
  }
  vi.stubGlobal('window', window)
  await import('./preload.ts')

  receive({ source: {}, data: portRequest })
  receive({ source: window, data: 'something else' })
  expect(window.postMessage).not.toHaveBeenCalled()

  receive({ source: window, data: portRequest })
  const [answer, origin, [pagePort]] = window.postMessage.mock.calls[0] as [string, string, [MessagePort]]
  expect([answer, origin]).toEqual([portAnswer, '/'])
  const [channel, , [mainPort]] = electron.ipcRenderer.postMessage.mock.calls[0] as [string, null, [MessagePort]]
  expect(channel).toBe(portChannel)
  const heard = new Promise((resolve) => {
    mainPort.onmessage = (event) => resolve(event.data)
  })
  pagePort.postMessage('hello')
  expect(await heard).toBe('hello')
  pagePort.close()
})
