import { EventEmitter } from 'node:events'
import type { App, Session } from 'electron'
import { expect, it, vi } from 'vitest'

vi.mock('electron', () => ({ protocol: {} }))
const { guardContents, guardSession } = await import('./guard.ts')

/** Contents of a new page, guarded. */
function guarded() {
  const app = new EventEmitter()
  let openHandler: () => { action: string } = () => ({ action: 'allow' })
  const contents = Object.assign(new EventEmitter(), {
    setWindowOpenHandler: (handler: typeof openHandler) => {
      openHandler = handler
    },
  })
  guardContents(app as unknown as App)
  app.emit('web-contents-created', {}, contents)
  return { contents, open: () => openHandler() }
}

it.each(['will-navigate', 'will-frame-navigate'])('stops %s to any other address', (name) => {
  const { contents } = guarded()
  for (const url of ['https://example.org/', 'file:///etc/passwd', 'app://elsewhere/', 'javascript:alert(1)']) {
    const preventDefault = vi.fn()
    contents.emit(name, { url, preventDefault })
    expect(preventDefault, url).toHaveBeenCalledOnce()
  }
  const preventDefault = vi.fn()
  contents.emit(name, { url: 'app://workbench/', preventDefault })
  expect(preventDefault).not.toHaveBeenCalled()
})

it.each(['will-redirect', 'will-attach-webview'])('stops every %s', (name) => {
  const preventDefault = vi.fn()
  guarded().contents.emit(name, { url: 'app://workbench/', preventDefault })
  expect(preventDefault).toHaveBeenCalledOnce()
})

it('opens no windows', () => {
  expect(guarded().open()).toEqual({ action: 'deny' })
})

it('grants copying text and nothing else', () => {
  const session = {
    setPermissionRequestHandler: vi.fn(),
    setPermissionCheckHandler: vi.fn(),
    setDevicePermissionHandler: vi.fn(),
  }
  guardSession(session as unknown as Session)
  const request = session.setPermissionRequestHandler.mock.calls[0]?.[0]
  const check = session.setPermissionCheckHandler.mock.calls[0]?.[0]
  for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal', 'fileSystem']) {
    const answer = vi.fn()
    request({}, permission, answer)
    expect(answer).toHaveBeenCalledWith(false)
    expect(check({}, permission)).toBe(false)
  }
  const answer = vi.fn()
  request({}, 'clipboard-sanitized-write', answer)
  expect(answer).toHaveBeenCalledWith(true)
  expect(session.setDevicePermissionHandler.mock.calls[0]?.[0]({})).toBe(false)
})
