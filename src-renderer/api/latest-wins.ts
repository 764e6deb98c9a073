/** Asks for one thing at a time; of what is wanted meanwhile only the latest is asked for next. */
export interface LatestWins<Input> {
  ask: (input: Input) => void
  /** Nothing is shown any more. */
  end: () => void
}

/**
 * @param show gets each answer that no newer one has overtaken, with how long it took in milliseconds
 * @param wait milliseconds without a new wish before one is asked for, so that a held key asks once
 */
export function latestWins<Input, Output>(
  request: (input: Input) => Promise<Output>,
  show: (output: Output, input: Input, milliseconds: number) => void,
  fail: (error: unknown) => void,
  wait = 0,
): LatestWins<Input> {
  let waiting: { input: Input } | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let busy = false
  let ended = false

  const next = async () => {
    timer = undefined
    if (busy || !waiting || ended) return
    const { input } = waiting
    waiting = null
    busy = true
    const begin = performance.now()
    try {
      const output = await request(input)
      if (!ended) show(output, input, performance.now() - begin)
    } catch (error) {
      if (!ended) fail(error)
    }
    busy = false
    if (timer === undefined) void next()
  }
  return {
    ask: (input) => {
      waiting = { input }
      clearTimeout(timer)
      timer = setTimeout(next, wait)
    },
    end: () => {
      ended = true
      clearTimeout(timer)
    },
  }
}
