import type { Change } from '../../src-shared/contract/app.ts'

/** Tells everybody who listens what has changed. */
export interface Changes {
  emit(change: Change): void
  /** Batches of changes, at most ten a second, each change once per batch; ends with the signal or with `close`. */
  listen(signal?: AbortSignal): AsyncGenerator<Change[], void>
  close(): void
}

const MOST_OFTEN_MS = 100

export function createChanges(): Changes {
  const listeners = new Set<(change: Change | null) => void>()
  const tell = (change: Change | null) => {
    for (const listener of listeners) listener(change)
  }
  return {
    emit: tell,
    close: () => tell(null),
    async *listen(signal) {
      const waiting = new Map<string, Change>()
      let ended = signal?.aborted ?? false
      let wake = () => {}
      const listener = (change: Change | null) => {
        if (change) waiting.set(JSON.stringify(change), change)
        else ended = true
        wake()
      }
      const abort = () => listener(null)
      listeners.add(listener)
      signal?.addEventListener('abort', abort)
      try {
        while (!ended) {
          if (waiting.size === 0) await new Promise<void>((resolve) => (wake = resolve))
          if (ended) return
          const batch = [...waiting.values()]
          waiting.clear()
          yield batch
          await new Promise((resolve) => setTimeout(resolve, MOST_OFTEN_MS).unref())
        }
      } finally {
        listeners.delete(listener)
        signal?.removeEventListener('abort', abort)
      }
    },
  }
}
