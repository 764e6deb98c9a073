/** The one horizontal position that all charts of a view point at, in the axis' own unit. */
export interface Crosshair {
  get(): number | null
  set(x: number | null): void
  subscribe(listener: () => void): () => void
}

/** A crosshair shared by the charts that are given it. Kept out of React's state so that moving it redraws no curve. */
export function createCrosshair(): Crosshair {
  let at: number | null = null
  const listeners = new Set<() => void>()
  return {
    get: () => at,
    set(x) {
      if (x === at) return
      at = x
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
