import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readLatestCheckpoint } from '../../src-main/jobs/checkpoints.ts'
import { entryFile } from '../../src-main/jobs/entry.ts'
import { readEvents } from '../../src-main/jobs/events-file.ts'
import { recordExit } from '../../src-main/jobs/outcome.ts'
import { createRunDirectory, runFiles } from '../../src-main/jobs/run-directory.ts'
import { tinyConfig, tinyData } from '../fixtures/tiny-experiment.ts'

const ENTRY = entryFile('train', new URL('../../src-main/jobs/train.ts', import.meta.url).href)
/** More than the process itself needs, and far less than a training step of this experiment. */
const ALLOWANCE = 500e6
const STEPS = 3
let home: string
let directory: string

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
  const config = tinyConfig((tiny) => {
    tiny.data.source = { kind: 'folder', path: folder }
    tiny.tokenizer.channels = [32, 32, 32]
    Object.assign(tiny.training, { steps: STEPS, batchSize: 192, evaluateEvery: 9, sampleEvery: 9, checkpointEvery: 1 })
  })
  createRunDirectory(directory, config, { createdAt: 0, parentId: null, ablation: null })
})

afterAll(() => rmSync(home, { recursive: true, force: true }))

/** Address space of a process that has onnxruntime loaded and a session made: Node reserves gigabytes that it never uses. */
async function reservedBytes(): Promise<number> {
  const script = `import('onnxruntime-node').then(() => process.stdout.write(require('node:fs').readFileSync('/proc/self/status', 'utf8')))`
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script])
  return Number(/VmPeak:\s+(\d+) kB/.exec(stdout)?.[1]) * 1024
}

/** One attempt, with so much address space if told; killed after its first checkpoint if told. */
async function attempt(limit: number | null, killAfterCheckpoint = false) {
  const run = [ENTRY, directory, join(home, 'cache'), '1']
  const [program, args] = limit
    ? ['prlimit', [`--as=${Math.round(limit)}`, process.execPath, ...run]]
    : [process.execPath, run]
  const files = runFiles(directory)
  const before = readEvents(files.events).events.length
  const child = spawn(program as string, args as string[], { stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const watch = setInterval(() => {
    const { events } = readEvents(files.events)
    if (killAfterCheckpoint && events.some(({ kind }) => kind === 'checkpoint')) child.kill('SIGKILL')
  }, 20)
  const exit = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  clearInterval(watch)
  return { exit, stderr, outcome: recordExit(directory, { ...exit, spawnError: null }, before, false) }
}

describe.skipIf(process.platform !== 'linux')('a training process that runs out of memory', () => {
  it('says so and what to do, keeps its last checkpoint, and resumes from it where there is enough', async () => {
    const files = runFiles(directory)
    await attempt(null, true)
    const kept = readLatestCheckpoint(files.checkpoints, () => {})
    expect(kept?.step).toBeGreaterThanOrEqual(1)
    expect(kept?.step).toBeLessThan(STEPS)
    const bytes = readFileSync(join(files.checkpoints, `step-${String(kept?.step).padStart(8, '0')}.safetensors`))

    const failed = await attempt((await reservedBytes()) + ALLOWANCE)
    expect(failed.exit, failed.stderr).toEqual({ code: 1, signal: null })
    expect(failed.outcome.state).toBe('failed')
    expect(failed.outcome.reason).toMatch(
      /onnxruntime on the processor has no memory left.* (at src-main\/\S+:\d+|the program ".*"); use a smaller batch/,
    )
    expect(readLatestCheckpoint(files.checkpoints, () => {})?.step).toBe(kept?.step)
    expect(
      readFileSync(join(files.checkpoints, `step-${String(kept?.step).padStart(8, '0')}.safetensors`)).equals(bytes),
    ).toBe(true)

    const resumed = await attempt(null)
    expect(resumed.exit, resumed.stderr).toEqual({ code: 0, signal: null })
    expect(resumed.outcome.state).toBe('finished')
    expect(readLatestCheckpoint(files.checkpoints, () => {})?.step).toBe(STEPS)
  }, 240_000)
})
