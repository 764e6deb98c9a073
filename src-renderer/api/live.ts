import type { Query, QueryClient } from '@tanstack/react-query'
import type { Change } from '../../src-shared/contract/app.ts'
import { api } from './client.ts'
import { showsChange } from './queries.ts'

/** Milliseconds between two refreshes: ten a second at most. */
const REFRESH_MS = 100
const RECONNECT_MS = 1000

/**
 * Follows the app's changes and refreshes the queries that show them, at most ten times a second. A query that is
 * still loading keeps its change for the next turn, so that a slow answer is neither cancelled nor left stale.
 * @returns a function that ends it
 */
export function followChanges(client: QueryClient): () => void {
  const ended = new AbortController()
  const waiting = new Map<string, Change>()
  let timer: ReturnType<typeof setTimeout> | undefined

  const refresh = () => {
    timer = undefined
    const changes = [...waiting.values()]
    waiting.clear()
    const concerns = (query: Query) => changes.filter((change) => showsChange(query.queryKey, change))
    const stale = client.getQueryCache().findAll({ predicate: (query) => concerns(query).length > 0 })
    for (const query of stale)
      if (query.state.fetchStatus === 'fetching') for (const change of concerns(query)) put(change)
      else void client.invalidateQueries({ queryKey: query.queryKey, exact: true })
  }
  const put = (change: Change) => {
    waiting.set(`${change.topic} ${'id' in change ? change.id : ''}`, change)
    timer ??= setTimeout(refresh, REFRESH_MS)
  }

  const follow = async () => {
    while (!ended.signal.aborted) {
      try {
        const batches = await api.app.changes(undefined, { signal: ended.signal })
        // What changed while no one listened is unknown.
        void client.invalidateQueries()
        for await (const batch of batches) for (const change of batch) put(change)
      } catch {
        // The line is lost; the status line says so from the connection's own state. Try again below.
      }
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS))
    }
  }
  void follow()
  return () => {
    ended.abort()
    clearTimeout(timer)
  }
}
