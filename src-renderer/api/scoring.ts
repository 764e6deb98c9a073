import { create } from 'zustand'
import { api } from './client.ts'

interface Scoring {
  /** The evaluation that is being scored by this window, and how far it is. */
  current: { id: string; share: number; words: string } | null
  /** Why one could not be scored, by its id. */
  errors: Readonly<Record<string, unknown>>
  start: (id: string) => void
  stop: () => void
}

let abort: AbortController | null = null

/** Scores one evaluation at a time, whichever view is open. Closing the window stops it; it can be gone on with. */
export const useScoring = create<Scoring>((set, get) => {
  const work = async (id: string) => {
    const own = new AbortController()
    abort = own
    set(({ errors: { [id]: _, ...errors } }) => ({ current: { id, share: 0, words: 'beginning' }, errors }))
    try {
      for await (const { share, words } of await api.evaluations.score({ id }, { signal: own.signal }))
        if (!own.signal.aborted) set({ current: { id, share, words } })
    } catch (error) {
      if (!own.signal.aborted) set(({ errors }) => ({ errors: { ...errors, [id]: error } }))
    } finally {
      if (abort === own) {
        abort = null
        set({ current: null })
      }
    }
  }
  return {
    current: null,
    errors: {},
    start: (id) => {
      if (get().current === null) void work(id)
    },
    stop: () => {
      abort?.abort()
      abort = null
      set({ current: null })
    },
  }
})
