import { useEffect, useRef, useState } from 'react'

/**
 * Charts redraw one per frame. Live values reach all charts of a view at the same moment; drawing a dozen of them in
 * one task would hold up the main thread, so each waits its turn. The first drawing of a chart waits as well.
 */
const waiting = new Set<() => void>()
let frame = 0

function next(): void {
  frame = 0
  const [draw] = waiting
  if (!draw) return
  waiting.delete(draw)
  draw()
  if (waiting.size > 0) schedule()
}

function schedule(): void {
  // A hidden window gets no frames; its charts catch up when it is shown.
  if (frame === 0) frame = requestAnimationFrame(next)
}

function enqueue(draw: () => void): () => void {
  waiting.add(draw)
  schedule()
  return () => waiting.delete(draw)
}

/** The value as of this chart's last turn; null before the first. Values that are replaced while waiting are skipped. */
export function useQueued<T>(value: T): T | null {
  const [shown, setShown] = useState<T | null>(null)
  const latest = useRef(value)
  latest.current = value
  // biome-ignore lint/correctness/useExhaustiveDependencies: the value is read when the turn comes, its change asks for one
  useEffect(() => enqueue(() => setShown(() => latest.current)), [value])
  return shown
}
