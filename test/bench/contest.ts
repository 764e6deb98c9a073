import { setTimeout as delay } from 'node:timers/promises'
import { type Contestant, type Running, start } from './contestant.ts'

/** One measurement: the same work for every contestant. */
export interface Case {
  name: string
  /** Given to every contestant, beside `threads`. */
  shape: object
  warmUp: number
  steps: number
  /** What one step produces, for the rate: 16 images, 127 tokens. */
  produces?: { unit: string; count: number }
  /** Ratios are ours to the peer's: of times (less is better), or of rates (more is better). */
  ratioOf: 'time' | 'rate'
  /** The first values of all contestants agree to this relative error, which shows that they do the same work. */
  agreement?: number
}

export interface Result {
  name: string
  version: string
  compileMs?: number
  parameters?: number
  ms: number
  minMs: number
  perSecond?: number
  peakMemoryMB?: number
  value?: number
  /** Ours to this peer's, of medians; absent for ours. */
  ratio?: number
  memoryRatio?: number
}

/** Lets the threads of the one before come to rest: thread pools spin for some milliseconds after their work. */
const REST_MS = 50

/**
 * Starts all contestants, the first of them ours, and lets them take steps in turn, the order turned round each time, so
 * that a change of the machine's speed meets all alike.
 * @throws Error if a contestant ends early, or if the first values disagree
 */
export async function contest(
  { name, shape, warmUp, steps, produces, ratioOf, agreement }: Case,
  contestants: readonly Contestant[],
  options: object,
): Promise<Result[]> {
  const running: Running[] = []
  try {
    for (const contestant of contestants) running.push(await start(contestant, { ...shape, ...options }))
    const times = running.map((): number[] => [])
    const values: (number | undefined)[] = []
    for (let turn = 0; turn < warmUp + steps; turn++)
      for (const at of turn % 2 === 0 ? running.keys() : [...running.keys()].reverse()) {
        await delay(REST_MS)
        const { ms, value } = await (running[at] as Running).step()
        if (turn === 0) values[at] = value
        if (turn >= warmUp) times[at]?.push(ms)
      }
    if (agreement !== undefined) checkAgreement(name, running, values, agreement)
    const results: Result[] = []
    for (const [at, { name, ready, end }] of running.entries()) {
      const { ready: version, ...facts } = ready
      const ms = median(times[at] as number[])
      const value = values[at]
      const peakMemoryMB = await end()
      results.push({
        name,
        version,
        ...facts,
        ms,
        minMs: Math.min(...(times[at] as number[])),
        ...(produces ? { perSecond: (produces.count * 1000) / ms } : {}),
        ...(value === undefined ? {} : { value }),
        ...(peakMemoryMB === undefined ? {} : { peakMemoryMB }),
      })
    }
    return withRatios(results, ratioOf)
  } finally {
    for (const { kill } of running) kill()
  }
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  return ((low as number) + (high as number)) / 2
}

function withRatios(results: Result[], ratioOf: Case['ratioOf']): Result[] {
  const [own, ...peers] = results as [Result, ...Result[]]
  return [
    own,
    ...peers.map((peer) => ({
      ...peer,
      ratio: ratioOf === 'time' ? own.ms / peer.ms : peer.ms / own.ms,
      ...(own.peakMemoryMB && peer.peakMemoryMB ? { memoryRatio: own.peakMemoryMB / peer.peakMemoryMB } : {}),
    })),
  ]
}

function checkAgreement(
  name: string,
  running: readonly Running[],
  values: readonly (number | undefined)[],
  agreement: number,
): void {
  const [own, ...peers] = values
  if (own === undefined) throw new Error(`${name}: ${running[0]?.name} gave no value to compare`)
  for (const [at, value] of peers.entries())
    if (value === undefined || !(Math.abs(value - own) <= agreement * Math.abs(own)))
      throw new Error(
        `${name}: ${running[0]?.name} got ${own} in the first step and ${running[at + 1]?.name} got ${value}; they do not do the same work, so their times cannot be compared`,
      )
}
