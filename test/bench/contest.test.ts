import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../fakes/temporary-folder.ts'
import { type Case, contest, median } from './contest.ts'
import type { Contestant } from './contestant.ts'

/** A contestant that answers by the protocol; `source` gives the step's answer from its options and the step's number. */
const contestant = (name: string, source: string, options: object = {}): Contestant => ({
  name,
  program: process.execPath,
  args: [
    '-e',
    `const options = JSON.parse(process.argv[1]); let step = 0
     const say = (message) => process.stdout.write(JSON.stringify(message) + '\\n')
     say({ ready: options.name + ' 1.0', compileMs: 5 })
     process.stdin.on('data', (text) => { for (const _ of text.toString()) { step++; ${source} } })
     process.stdin.on('end', () => say({ peakMemoryMB: options.peak }))`,
    '--',
  ],
  options: { name, ...options },
})

const inSteps = (changes: Partial<Case> = {}): Case => ({
  name: 'case',
  shape: {},
  warmUp: 1,
  steps: 3,
  ratioOf: 'time',
  ...changes,
})

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a contest', () => {
  it('gives medians and least times without the warm-up, and ratios of ours to each peer', async () => {
    const times = 'say({ ms: options.times[step - 1] })'
    const ours = contestant('ours', times, { times: [900, 30, 10, 20], peak: 300 })
    const peer = contestant('peer', times, { times: [1, 5, 80, 40], peak: 200 })
    const [own, other] = await contest(inSteps({ produces: { unit: 'images', count: 4 } }), [ours, peer], {})
    expect(own).toEqual({
      name: 'ours',
      version: 'ours 1.0',
      compileMs: 5,
      ms: 20,
      minMs: 10,
      perSecond: 200,
      peakMemoryMB: 300,
    })
    expect(other).toMatchObject({ ms: 40, minMs: 5, ratio: 0.5, memoryRatio: 1.5 })
  })

  it('divides rates, not times, where more is better', async () => {
    const ours = contestant('ours', 'say({ ms: 10 })', { peak: 1 })
    const peer = contestant('peer', 'say({ ms: 25 })', { peak: 1 })
    const results = await contest(inSteps({ ratioOf: 'rate' }), [ours, peer], {})
    expect(results[1]?.ratio).toBe(2.5)
  })

  it('takes steps in turn and turns the order round each time', async () => {
    const epoch = Date.now()
    const began = 'say({ ms: Date.now() - options.epoch })'
    const both = [contestant('ours', began, { epoch, peak: 1 }), contestant('peer', began, { epoch, peak: 1 })]
    const first = await contest(inSteps({ warmUp: 0, steps: 1 }), both, {})
    const second = await contest(inSteps({ warmUp: 1, steps: 1 }), both, {})
    expect(first[0]?.ms).toBeLessThan(first[1]?.ms as number)
    expect(second[0]?.ms).toBeGreaterThan(second[1]?.ms as number)
  })

  it('refuses to compare contestants whose first values disagree, and names both', async () => {
    const value = 'say({ ms: 1, value: options.value })'
    const ours = contestant('ours', value, { value: 100, peak: 1 })
    const near = contestant('near', value, { value: 100.5, peak: 1 })
    const far = contestant('far', value, { value: 102, peak: 1 })
    expect(await contest(inSteps({ agreement: 0.01 }), [ours, near], {})).toHaveLength(2)
    await expect(contest(inSteps({ agreement: 0.01 }), [ours, near, far], {})).rejects.toThrow(
      'ours got 100 in the first step and far got 102',
    )
  })

  it('says which contestant ended early and with which code, and ends the others', async () => {
    const file = join(temporaryFolder(), 'pid')
    const ours = contestant('ours', 'require("fs").writeFileSync(options.file, String(process.pid)); say({ ms: 1 })', {
      file,
    })
    const failing = contestant('failing', 'if (step === 2) process.exit(3); say({ ms: 1 })')
    await expect(contest(inSteps(), [ours, failing], {})).rejects.toThrow('failing ended early with code 3')
    const pid = Number(readFileSync(file, 'utf8'))
    await expect.poll(() => isRunning(pid)).toBe(false)
  })

  it('passes over what a contestant prints beside its answers', async () => {
    const chatty = contestant('ours', 'console.log("loading"); say({ ms: 7 })', { peak: 1 })
    expect((await contest(inSteps(), [chatty], {}))[0]?.ms).toBe(7)
  })
})

describe('a median', () => {
  it('is the middle value, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(median([5])).toBe(5)
  })
})
