import type { ClientContext, ClientLink } from '@orpc/client'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ConnectionError, createConnection, type Transport } from './connection.ts'

/** A line that answers every call with its own name and can be cut. */
function line(name: string) {
  let cut: (reason: string) => void = () => undefined
  const link: ClientLink<ClientContext> = { call: async (path) => `${name} ${path.join('.')}` }
  const transport: Transport = {
    link,
    closed: new Promise((resolve) => {
      cut = resolve
    }),
  }
  return { transport, cut }
}

const call = (connection: ReturnType<typeof createConnection>) =>
  connection.call(['runs', 'list'], undefined, { context: {} })

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('opens no line before the first call, and one for all calls', async () => {
  const first = line('first')
  const open = vi.fn(async () => first.transport)
  const connection = createConnection(open)
  expect(open).not.toHaveBeenCalled()
  expect(connection.store.getState().state).toBe('connecting')
  expect(await Promise.all([call(connection), call(connection)])).toEqual(['first runs.list', 'first runs.list'])
  expect(open).toHaveBeenCalledOnce()
  expect(connection.store.getState()).toMatchObject({ state: 'open', attempts: 0, reason: '' })
})

it('opens a new line after half a second when the line is cut', async () => {
  const lines = [line('first'), line('second')]
  let at = 0
  const connection = createConnection(async () => (lines[at++] as ReturnType<typeof line>).transport)
  await call(connection)
  lines[0]?.cut('The line was cut.')
  await vi.advanceTimersByTimeAsync(0)
  expect(connection.store.getState()).toMatchObject({
    state: 'closed',
    reason: 'The line was cut.',
    retryAt: Date.now() + 500,
  })
  await vi.advanceTimersByTimeAsync(500)
  expect(connection.store.getState().state).toBe('open')
  expect(await call(connection)).toBe('second runs.list')
})

it('fails calls made between attempts at once, with the reason', async () => {
  const first = line('first')
  const connection = createConnection(async () => first.transport)
  await call(connection)
  first.cut('The line was cut.')
  await vi.advanceTimersByTimeAsync(0)
  await expect(call(connection)).rejects.toThrow(new ConnectionError('The line was cut.'))
})

it('fails the calls that wait for an attempt when it fails', async () => {
  const connection = createConnection(async () => {
    throw new Error('The app does not answer.')
  })
  await expect(call(connection)).rejects.toBeInstanceOf(ConnectionError)
  expect(connection.store.getState()).toMatchObject({ state: 'closed', reason: 'The app does not answer.' })
})

it('waits twice as long after each failure, ten seconds at most', async () => {
  const begins: number[] = []
  const connection = createConnection(async () => {
    begins.push(Date.now())
    throw new Error('The app does not answer.')
  })
  await call(connection).catch(() => undefined)
  await vi.advanceTimersByTimeAsync(60_000)
  const pauses = begins.slice(1).map((begin, at) => begin - (begins[at] ?? 0))
  expect(pauses.slice(0, 7)).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000])
})

it('tries at once when asked to, and no second time in between', async () => {
  const first = line('first')
  const open = vi.fn(async () => first.transport)
  open.mockRejectedValueOnce(new Error('The app does not answer.'))
  const connection = createConnection(open)
  await call(connection).catch(() => undefined)
  connection.store.getState().connect()
  connection.store.getState().connect()
  await vi.advanceTimersByTimeAsync(0)
  expect(connection.store.getState().state).toBe('open')
  await vi.advanceTimersByTimeAsync(5000)
  expect(open).toHaveBeenCalledTimes(2)
})
