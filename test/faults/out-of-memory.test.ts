import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readLatestCheckpoint } from '../../src-main/jobs/checkpoints.ts'
import { entryFile } from '../../src-main/jobs/entry.ts'
import { readEvents } from '../../src-main/jobs/events-file.ts'
import { recordExit } from '../../src-main/jobs/outcome.ts'
import { createRunDirectory, runFiles } from '../../src-main/jobs/run-directory.ts'
import { tinyConfig, tinyData } from '../fixtures/tiny-experiment.ts'

const ENTRY = entryFile('train', new URL('../../src-main/jobs/train.ts', import.meta.url).href)
/** Room beside what a run with few pictures a step needs; a step of this experiment needs some times as much more. */
const MARGIN = 200e6
const STEPS = 3
let home: string
let directory: string
let small: string

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'out-of-memory-'))
  directory = join(home, 'run')
  const folder = join(home, 'pictures')
  const { pictures } = tinyData()
  for (const [index, { label }] of pictures.pictures.entries()) {
    mkdirSync(join(folder, label), { recursive: true })
    const picture = sharp(pictures.pixels(index), { raw: { width: 32, height: 32, channels: 3 } })
    writeFileSync(join(folder, label, `${index}.png`), await picture.png().toBuffer())
  }
  small = join(home, 'small')
  for (const [run, batchSize] of [
    [directory, 192],
    [small, 4],
  ] as const) {
    const config = tinyConfig((tiny) => {
      tiny.data.source = { kind: 'folder', path: folder }
      tiny.tokenizer.channels = [32, 32, 32]
      Object.assign(tiny.training, { steps: STEPS, batchSize, evaluateEvery: 9, sampleEvery: 9, checkpointEvery: 1 })
    })
    createRunDirectory(run, config, { createdAt: 0, parentId: null, ablation: null })
  }
})

afterAll(() => rmSync(home, { recursive: true, force: true }))

/** One attempt, with so many bytes of data if told; killed after its first checkpoint if told. */
async function attempt(directory: string, limit: number | null = null, killAfterCheckpoint = false) {
  const run = [ENTRY, directory, join(home, 'cache'), '1']
  const [program, args] = limit
    ? ['prlimit', [`--data=${Math.round(limit)}`, process.execPath, ...run]]
    : [process.execPath, run]
  const files = runFiles(directory)
  const before = readEvents(files.events).events.length
  const child = spawn(program as string, args as string[], { stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, dataOf(child.pid))
    const { events } = readEvents(files.events)
    if (killAfterCheckpoint && events.some(({ kind }) => kind === 'checkpoint')) child.kill('SIGKILL')
  }, 20)
  const exit = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  clearInterval(watch)
  return { exit, stderr, peak, outcome: recordExit(directory, { ...exit, spawnError: null }, before, false) }
}

/** Bytes that a process may write to; its address space would count the gigabytes that Node reserves and never uses. */
function dataOf(pid: number | undefined): number {
  try {
    return Number(/VmData:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    // It has ended between two looks.
    return 0
  }
}

describe.skipIf(process.platform !== 'linux')('a training process that runs out of memory', () => {
  it('says so and what to do, keeps its last checkpoint, and resumes from it where there is enough', async () => {
    const files = runFiles(directory)
    const { peak } = await attempt(small)
    await attempt(directory, null, true)
    const kept = readLatestCheckpoint(files.checkpoints, () => {})
    expect(kept?.step).toBeGreaterThanOrEqual(1)
    expect(kept?.step).toBeLessThan(STEPS)
    const bytes = readFileSync(join(files.checkpoints, `step-${String(kept?.step).padStart(8, '0')}.safetensors`))

    const failed = await attempt(directory, peak + MARGIN)
    expect(failed.exit, failed.stderr).toEqual({ code: 1, signal: null })
    expect(failed.outcome.state).toBe('failed')
    expect(failed.outcome.reason).toMatch(
      /onnxruntime on the processor has no memory left.* (at src-main\/\S+:\d+|the program ".*"); use a smaller batch/,
    )
    expect(readLatestCheckpoint(files.checkpoints, () => {})?.step).toBe(kept?.step)
    expect(
      readFileSync(join(files.checkpoints, `step-${String(kept?.step).padStart(8, '0')}.safetensors`)).equals(bytes),
    ).toBe(true)

    const resumed = await attempt(directory)
    expect(resumed.exit, resumed.stderr).toEqual({ code: 0, signal: null })
    expect(resumed.outcome.state).toBe('finished')
    expect(readLatestCheckpoint(files.checkpoints, () => {})?.step).toBe(STEPS)
  }, 240_000)
})
