import { useSyncExternalStore } from 'react'
import { create } from 'zustand'
import type { Scheme } from './colours.ts'
import { runColour } from './colours.ts'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const STORED = 'theme'
const isTheme = (value: unknown): value is Theme => themes.includes(value as Theme)

/**
 * The chosen theme. It is kept with the app's settings; the copy in local storage is there so that the first paint of
 * the next start already has the right colours.
 */
export const useTheme = create<{ theme: Theme; setTheme: (theme: unknown) => void }>((set) => {
  const stored = localStorage.getItem(STORED)
  return {
    theme: isTheme(stored) ? stored : 'system',
    setTheme: (theme) => {
      if (!isTheme(theme)) return
      localStorage.setItem(STORED, theme)
      set({ theme })
      apply()
    },
  }
})

const darkSystem = matchMedia('(prefers-color-scheme: dark)')
const resolve = (): Scheme => {
  const { theme } = useTheme.getState()
  return theme === 'system' ? (darkSystem.matches ? 'dark' : 'light') : theme
}
function apply(): void {
  document.documentElement.dataset.theme = resolve()
}

/** Sets the document's colours and follows the system's. Call once, before the first paint. */
export function startTheme(): void {
  apply()
  darkSystem.addEventListener('change', apply)
}

function subscribe(listener: () => void): () => void {
  const unsubscribe = useTheme.subscribe(listener)
  darkSystem.addEventListener('change', listener)
  return () => {
    unsubscribe()
    darkSystem.removeEventListener('change', listener)
  }
}

/** The scheme on screen now, for colours that are drawn by hand. */
export const useScheme = (): Scheme => useSyncExternalStore(subscribe, resolve)

/** Colour of a run by its colour index, in the scheme on screen. */
export function useRunColour(): (index: number) => string {
  const scheme = useScheme()
  return (index) => runColour(index, scheme)
}
