import { createORPCClient } from '@orpc/client'
import { os, type RouterClient } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import { afterEach, expect, it, vi } from 'vitest'
import { portAnswer, portRequest } from '../../src-shared/port-handover.ts'
import { openTransport } from './transport.ts'

const router = { greet: os.handler(() => 'hello from the app') }

/** A window whose messages come back to itself, as a page's do, with a preload that answers as ours does. */
function fakeWindow(preload: (post: (data: unknown, ports: MessagePort[]) => void) => void) {
  const listeners = new Set<(event: MessageEvent) => void>()
  const self = {
    addEventListener: (_type: string, listener: (event: MessageEvent) => void) => listeners.add(listener),
    removeEventListener: (_type: string, listener: (event: MessageEvent) => void) => listeners.delete(listener),
    postMessage: (data: unknown) => {
      if (data !== portRequest) return
      preload((answer, ports) => {
        for (const listener of listeners) listener({ source: self, data: answer, ports } as unknown as MessageEvent)
      })
    },
  }
  vi.stubGlobal('window', self)
  vi.stubGlobal('location', { protocol: 'app:' })
  return listeners
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

it('talks over the MessagePort that the preload hands over, and notices when it closes', async () => {
  const { port1, port2 } = new MessageChannel()
  new RPCHandler(router).upgrade(port2)
  port2.start()
  const listeners = fakeWindow((post) => {
    post('a message of something else', [])
    post(portAnswer, [port1])
  })
  const transport = await openTransport()
  const client: RouterClient<typeof router> = createORPCClient(transport.link)
  expect(await client.greet()).toBe('hello from the app')
  expect(listeners.size).toBe(0)
  port2.close()
  expect(await transport.closed).toContain('closed its line')
})

it('says so when no preload answers', async () => {
  vi.useFakeTimers()
  const listeners = fakeWindow(() => undefined)
  const outcome = expect(openTransport()).rejects.toThrow('got no line to the app')
  await vi.advanceTimersByTimeAsync(10_000)
  await outcome
  expect(listeners.size).toBe(0)
})

/** A WebSocket that is refused, as by a server that is gone or does not know the session. */
class RefusedSocket extends EventTarget {
  binaryType = ''
  constructor() {
    super()
    queueMicrotask(() => this.dispatchEvent(new Event('error')))
  }
}

it.each([
  ['the session has ended', async () => new Response(null, { status: 401 }), 'The session has ended'],
  ['the server is gone', async () => Promise.reject(new TypeError('fetch failed')), 'does not answer'],
  ['it refuses for another reason', async () => new Response(null, { status: 500 }), 'status 500'],
])('tells why the WebSocket was refused: %s', async (_title, fetch, sentence) => {
  vi.stubGlobal('location', { protocol: 'http:', href: 'http://127.0.0.1:8417/', pathname: '/' })
  vi.stubGlobal('WebSocket', RefusedSocket)
  vi.stubGlobal('fetch', fetch)
  await expect(openTransport()).rejects.toThrow(sentence)
})
