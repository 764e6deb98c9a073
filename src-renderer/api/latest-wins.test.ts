import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { latestWins } from './latest-wins.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A request that takes 50 ms, and what came of all of them. */
function asked(wait: number) {
  const requests: number[] = []
  const shown: number[] = []
  const errors: unknown[] = []
  const wish = latestWins(
    async (input: number) => {
      requests.push(input)
      await new Promise((resolve) => setTimeout(resolve, 50))
      if (input < 0) throw new Error(`${input} is negative`)
      return input * 10
    },
    (output) => shown.push(output),
    (error) => errors.push(error),
    wait,
  )
  return { ...wish, requests, shown, errors }
}

describe('latestWins', () => {
  it('asks once for many wishes in a row', async () => {
    const { ask, requests, shown } = asked(20)
    for (let wish = 1; wish <= 5; wish++) ask(wish)
    await vi.advanceTimersByTimeAsync(100)
    expect(requests).toEqual([5])
    expect(shown).toEqual([50])
  })
  it('never asks twice at once, and leaves out what was overtaken', async () => {
    const { ask, requests, shown } = asked(0)
    ask(1)
    await vi.advanceTimersByTimeAsync(10)
    ask(2)
    ask(3)
    await vi.advanceTimersByTimeAsync(30)
    expect(requests).toEqual([1])
    await vi.advanceTimersByTimeAsync(100)
    expect(requests).toEqual([1, 3])
    expect(shown).toEqual([10, 30])
  })
  it('goes on after an error', async () => {
    const { ask, shown, errors } = asked(0)
    ask(-1)
    await vi.advanceTimersByTimeAsync(100)
    ask(2)
    await vi.advanceTimersByTimeAsync(100)
    expect(errors).toHaveLength(1)
    expect(shown).toEqual([20])
  })
  it('shows nothing once it has ended', async () => {
    const { ask, end, shown } = asked(0)
    ask(1)
    await vi.advanceTimersByTimeAsync(10)
    end()
    await vi.advanceTimersByTimeAsync(100)
    expect(shown).toEqual([])
  })
})
