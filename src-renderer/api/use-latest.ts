import { useEffect, useRef, useState } from 'react'
import { type LatestWins, latestWins } from './latest-wins.ts'

export interface Latest<Input, Output> {
  /** The newest answer; null while there is none. */
  output: Output | null
  /** What it answers. */
  input: Input | null
  /** How long it took, the way there and back included. */
  milliseconds: number | null
  /** Of the newest request, if it failed. */
  error: unknown
}

/**
 * The answer to something that keeps changing: it is asked for once it has been the same for `wait` milliseconds, one
 * request at a time, and the last answer stays until the next is there. `request` and `input` must stay the same objects
 * while they mean the same.
 * @param input null: nothing to ask for
 */
export function useLatest<Input, Output>(
  request: (input: Input) => Promise<Output>,
  input: Input | null,
  wait = 0,
): Latest<Input, Output> {
  const [latest, setLatest] = useState<Latest<Input, Output>>({
    output: null,
    input: null,
    milliseconds: null,
    error: null,
  })
  const requests = useRef<LatestWins<Input> | null>(null)
  useEffect(() => {
    const made = latestWins(
      request,
      (output: Output, of, milliseconds) => setLatest({ output, input: of, milliseconds, error: null }),
      (error) => setLatest((old) => ({ ...old, error })),
      wait,
    )
    requests.current = made
    return () => made.end()
  }, [request, wait])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new request asks anew
  useEffect(() => {
    if (input !== null) requests.current?.ask(input)
  }, [input, request])
  return latest
}
