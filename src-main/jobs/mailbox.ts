/** Values that somebody puts there as they come, for somebody who reads them one by one. */
export interface Mailbox<Value> {
  put(value: Value): void
  /** Nothing comes any more; what is there is still read. The first end counts. @param error thrown to the reader after that */
  end(error?: unknown): void
  /** @throws the error of the end */
  values(): AsyncGenerator<Value, void>
}

export function createMailbox<Value>(): Mailbox<Value> {
  const waiting: Value[] = []
  let ended: { error: unknown } | null = null
  let wake = () => {}
  return {
    put(value) {
      waiting.push(value)
      wake()
    },
    end(error) {
      ended ??= { error }
      wake()
    },
    async *values() {
      for (;;) {
        yield* waiting.splice(0)
        if (waiting.length > 0) continue
        if (ended) {
          if (ended.error !== undefined) throw ended.error
          return
        }
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
