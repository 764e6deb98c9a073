import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readLatestCheckpoint } from '../../src-main/jobs/checkpoints.ts'
import { entryFile } from '../../src-main/jobs/entry.ts'
import { readEvents } from '../../src-main/jobs/events-file.ts'
import { allowedEnvironment, localExecutor } from '../../src-main/jobs/executor.ts'
import { createRunDirectory, runFiles } from '../../src-main/jobs/run-directory.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { tinyConfig, tinyData } from '../fixtures/tiny-experiment.ts'

const ENTRY = entryFile('train', new URL('../../src-main/jobs/train.ts', import.meta.url).href)
let home: string
let config: ExperimentConfig

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'kill-and-resume-'))
  const folder = join(home, 'pictures')
  const { pictures } = tinyData()
  for (const [index, { label }] of pictures.pictures.entries()) {
    mkdirSync(join(folder, label), { recursive: true })
    const picture = sharp(pictures.pixels(index), { raw: { width: 32, height: 32, channels: 3 } })
    writeFileSync(join(folder, label, `${index}.png`), await picture.png().toBuffer())
  }
  config = tinyConfig((tiny) => {
    tiny.data.source = { kind: 'folder', path: folder }
    Object.assign(tiny.training, { steps: 60, evaluateEvery: 10, sampleEvery: 20, checkpointEvery: 7 })
  })
})

afterAll(() => rmSync(home, { recursive: true, force: true }))

/** Starts one attempt and, given a number of events, kills the process as soon as the run has so many. */
async function attempt(directory: string, killAt = Number.POSITIVE_INFINITY): Promise<string | null> {
  const files = runFiles(directory)
  const order = {
    entry: ENTRY,
    arguments: [directory, join(home, 'cache'), '1'],
    stdout: files.stdout,
    stderr: files.stderr,
  }
  const job = localExecutor.start(order, allowedEnvironment(process.env))
  const watch = setInterval(() => {
    if (readEvents(files.events).events.length >= killAt) job.kill()
  }, 5)
  const exit = await job.exited
  clearInterval(watch)
  if (exit.code !== null && exit.code !== 0) throw new Error(readFileSync(files.stderr, 'utf8'))
  return exit.signal
}

/** The last value of every metric at every step, clock and machine aside. */
function numbers(directory: string): Record<string, number> {
  const values: Record<string, number> = {}
  for (const event of readEvents(runFiles(directory).events).events)
    if (event.kind === 'metrics')
      for (const [name, value] of Object.entries(event.values))
        if (!/^(speed|memory|data)\./.test(name)) values[`${event.step} ${name}`] = value
  return values
}

describe('a training process that is killed again and again', () => {
  it('ends with the numbers and the weights of one that never was, and has lost no event it had written', async () => {
    const whole = join(home, 'whole')
    const broken = join(home, 'broken')
    for (const directory of [whole, broken])
      createRunDirectory(directory, config, { createdAt: 0, parentId: null, ablation: null })
    expect(await attempt(whole)).toBeNull()
    let seen: string[] = []
    for (const killAt of [12, 40, 77]) {
      expect(await attempt(broken, killAt)).toBe('SIGKILL')
      const lines = readEvents(runFiles(broken).events).events.map((event) => JSON.stringify(event))
      expect(lines.slice(0, seen.length)).toEqual(seen)
      seen = lines
    }
    expect(await attempt(broken)).toBeNull()
    const events = readEvents(runFiles(broken).events).events
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    expect(events.filter(({ kind }) => kind === 'started')).toHaveLength(4)
    expect(numbers(broken)).toEqual(numbers(whole))
    const [left, right] = [whole, broken].map((directory) =>
      readLatestCheckpoint(runFiles(directory).checkpoints, () => {}),
    )
    expect(left?.step).toBe(60)
    expect(right?.file.tensors).toEqual(left?.file.tensors)
  }, 120_000)
})
