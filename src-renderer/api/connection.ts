import type { ClientContext, ClientLink, ClientOptions } from '@orpc/client'
import { createStore, type StoreApi } from 'zustand/vanilla'

/** One live line to the app: where calls go, and how it will end. */
export interface Transport {
  link: ClientLink<ClientContext>
  /** Resolves with one sentence for people when the line is lost; never rejects. */
  closed: Promise<string>
}

export interface ConnectionState {
  state: 'connecting' | 'open' | 'closed'
  /** Failed attempts since the line was last open. */
  attempts: number
  /** When the next attempt starts (ms since the epoch); null unless closed. */
  retryAt: number | null
  /** Why there is no line, one sentence; '' while there is one. */
  reason: string
  /** Tries again now instead of at `retryAt`; no effect while connecting or open. */
  connect: () => void
}

/** The app cannot be reached; `message` says why. */
export class ConnectionError extends Error {
  override name = 'ConnectionError'
}

const firstRetryMs = 500
const longestRetryMs = 10_000

/**
 * An oRPC link that opens its transport on the first call, keeps the state of the line in a store, and opens it again
 * after a growing pause when it is lost. Calls made while an attempt runs wait for its outcome; calls made between
 * attempts throw ConnectionError at once, so that nothing old happens when the line comes back.
 */
export function createConnection(
  openTransport: () => Promise<Transport>,
): ClientLink<ClientContext> & { store: StoreApi<ConnectionState> } {
  let attempt: Promise<Transport> | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  const store = createStore<ConnectionState>(() => ({
    state: 'connecting',
    attempts: 0,
    retryAt: null,
    reason: '',
    connect: () => {
      if (store.getState().state === 'closed' || attempt === null) void connect().catch(() => undefined)
    },
  }))

  function connect(): Promise<Transport> {
    clearTimeout(timer)
    store.setState({ state: 'connecting', retryAt: null })
    attempt = openTransport()
    attempt.then(
      (transport) => {
        store.setState({ state: 'open', attempts: 0, reason: '' })
        void transport.closed.then(lost)
      },
      (error: unknown) => lost(error instanceof Error ? error.message : String(error)),
    )
    return attempt
  }

  function lost(reason: string): void {
    const attempts = store.getState().attempts + 1
    const pause = Math.min(longestRetryMs, firstRetryMs * 2 ** (attempts - 1))
    store.setState({ state: 'closed', attempts, reason, retryAt: Date.now() + pause })
    timer = setTimeout(() => void connect().catch(() => undefined), pause)
  }

  async function transport(): Promise<Transport> {
    if (store.getState().state === 'closed') throw new ConnectionError(store.getState().reason)
    try {
      return await (attempt ?? connect())
    } catch (error) {
      throw new ConnectionError(error instanceof Error ? error.message : String(error), { cause: error })
    }
  }

  return {
    store,
    async call(path: readonly string[], input: unknown, options: ClientOptions<ClientContext>) {
      const { link } = await transport()
      return link.call(path, input, options)
    },
  }
}
