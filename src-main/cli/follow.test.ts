import { Readable, Writable } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { RunSummary } from '../../src-shared/contract/runs.ts'
import { runSummary } from '../../test/fixtures/run-summary.ts'
import { exitCodeOf, followRuns, type RunsToFollow } from './follow.ts'
import type { Terminal } from './terminal.ts'

function capture(columns: number | null = null): Terminal & { text(): string } {
  let text = ''
  const stream = new Writable({
    write(chunk, _, done) {
      text += String(chunk)
      done()
    },
  })
  return { stdin: Readable.from([]), stdout: stream, stderr: stream, columns: () => columns, text: () => text }
}

const summary = (change: Partial<RunSummary>): RunSummary =>
  runSummary({ id: 'a', name: 'first', state: 'queued', steps: 10, ...change })

/** Services whose list moves on by one picture each time it is asked for. */
function scripted(pictures: RunSummary[][]): RunsToFollow & { paused: string[] } {
  let at = 0
  const paused: string[] = []
  return {
    paused,
    list: async () => pictures[Math.min(at++, pictures.length - 1)] as RunSummary[],
    pause: async ({ id }) => {
      paused.push(id)
      return { state: 'running' }
    },
  }
}
afterEach(() => void vi.useRealTimers())

const quiet = { asked: () => false, release: () => {} }

describe('following runs', () => {
  it('tells of each start and end once, and hands back the runs in the order asked for', async () => {
    const terminal = capture()
    const runs = scripted([
      [summary({}), summary({ id: 'b', name: 'second' })],
      [
        summary({ state: 'running', step: 5, secondsLeft: 5, imagesPerSecond: 40 }),
        summary({ id: 'b', name: 'second' }),
      ],
      [
        summary({ state: 'finished', step: 10, latest: { 'heldout.mse': 0.05 } }),
        summary({ id: 'b', name: 'second', state: 'failed', reason: 'No pictures.' }),
      ],
    ])
    const ended = await followRuns(runs, ['b', 'a'], terminal, quiet)
    expect(ended.map(({ id }) => id)).toEqual(['b', 'a'])
    const text = terminal.text()
    expect(text.match(/▸ first/g)).toHaveLength(1)
    expect(text).toContain('✓ first (a): finished at step 10 of 10, held-out MSE 0.05')
    expect(text).toContain('✗ second (b): failed at step 0 of 10. No pictures.')
    expect(text).toContain('25 %  0 of 2 runs done, step 5 of 20, 40.00 images/s, about 15 s left')
  })

  it('tells at least once a minute how far a slow run is, at what pace and how long it takes still', async () => {
    vi.useFakeTimers()
    const started = performance.now()
    const minutes = () => (performance.now() - started) / 60_000
    // A step takes ten seconds.
    const slow = () => {
      const step = Math.floor(minutes() * 6)
      const change = { step, steps: 1000, secondsLeft: 10 * (1000 - step), imagesPerSecond: 1.6 }
      return [summary({ ...change, state: minutes() < 5 ? 'running' : 'stopped' })]
    }
    const terminal = capture()
    const followed = followRuns({ ...scripted([]), list: async () => slow() }, ['a'], terminal, quiet)
    await vi.advanceTimersByTimeAsync(6 * 60_000)
    await followed
    const text = terminal.text()
    expect([...text.matchAll(/% {2}step (\d+) of/g)].map(([, step]) => Number(step))).toEqual([0, 6, 12, 18, 24])
    expect(text).toContain('1 %  step 12 of 1000, 1.600 images/s, about 2 h 45 min left\n')
  })

  it('redraws one line on a terminal, no wider than it, and takes it away at the end', async () => {
    const terminal = capture(40)
    await followRuns(
      scripted([[summary({ state: 'running', step: 5 })], [summary({ state: 'finished', step: 10 })]]),
      ['a'],
      terminal,
      quiet,
    )
    const bar =
      terminal
        .text()
        .split('\r\x1b[K')
        .find((part) => part.startsWith('█')) ?? ''
    expect(bar).toMatch(/^█{12}░{12} {2}50 %/)
    expect([...bar].length).toBeLessThan(40)
    expect(terminal.text()).toContain('\r\x1b[K✓ first')
  })

  it('pauses what is queued or running when asked to end, once, and waits until it has', async () => {
    const running = summary({ state: 'running', step: 3 })
    const runs = scripted([
      [running, summary({ id: 'b' }), summary({ id: 'c', state: 'finished' })],
      [running, summary({ id: 'b', state: 'paused' })],
      [
        summary({ state: 'paused', step: 4 }),
        summary({ id: 'b', state: 'paused' }),
        summary({ id: 'c', state: 'finished' }),
      ],
    ])
    let released = false
    const ended = await followRuns(runs, ['a', 'b', 'c'], capture(), {
      asked: () => true,
      release: () => {
        released = true
      },
    })
    expect(runs.paused).toEqual(['a', 'b'])
    expect(ended.map(({ state }) => state)).toEqual(['paused', 'paused', 'finished'])
    expect(released).toBe(true)
  })

  it('passes over a run that ended before it could be paused', async () => {
    const runs = scripted([[summary({ state: 'running' })], [summary({ state: 'finished', step: 10 })]])
    runs.pause = async () => {
      throw new Error('run a is finished')
    }
    const ended = await followRuns(runs, ['a'], capture(), { ...quiet, asked: () => true })
    expect(ended[0]?.state).toBe('finished')
  })
})

describe('the exit code of a command over runs', () => {
  it('is 0 if all are finished, 130 if the rest are paused, 1 otherwise, with the way to resume', () => {
    const terminal = capture()
    const finished = summary({ state: 'finished' })
    expect(exitCodeOf([finished], terminal)).toBe(0)
    expect(terminal.text()).toBe('')
    expect(exitCodeOf([finished, summary({ id: 'b', state: 'paused' })], terminal)).toBe(130)
    expect(terminal.text()).toBe('Resume with: unicode-workbench runs resume b\n')
    expect(exitCodeOf([summary({ state: 'failed' }), summary({ id: 'b', state: 'paused' })], terminal)).toBe(1)
    expect(exitCodeOf([summary({ state: 'stopped' })], terminal)).toBe(1)
  })
})
