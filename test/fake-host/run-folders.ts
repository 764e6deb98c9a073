import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sampleFileName, syncFileName } from '../../src-shared/events.ts'
import { syncFile } from './code-life.ts'
import type { FakeRun } from './runs.ts'
import { sampleFile } from './samples.ts'

const home = mkdtempSync(join(tmpdir(), 'fake-host-'))
process.once('exit', () => rmSync(home, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0))

const stepsUpTo = (step: number, every: number) =>
  Array.from({ length: Math.floor(step / every) + 1 }, (_, at) => at * every)

/** Steps of the run's samples so far. */
export const sampleSteps = (run: FakeRun): number[] =>
  run.step > 0 ? stepsUpTo(run.step, run.config.training.sampleEvery) : []
/** Steps of the run's syncs so far. */
export const syncStepsOf = ({ config, step }: FakeRun): number[] =>
  config.codebook.paradigm === 'iterative' && config.codebook.interval > 0
    ? stepsUpTo(step, config.codebook.interval).slice(1)
    : []

/** Folders with the files that training would have written by now, so that the app's own code reads them. */
export function filesOf(run: FakeRun): { samples: string; syncs: string } {
  const folders = { samples: join(home, run.id, 'samples'), syncs: join(home, run.id, 'syncs') }
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true })
  const write = (path: string, bytes: () => Uint8Array) => {
    if (!existsSync(path)) writeFileSync(path, bytes())
  }
  for (const step of sampleSteps(run))
    write(join(folders.samples, sampleFileName(step)), () => sampleFile(run.config, step))
  for (const step of syncStepsOf(run).slice(-12))
    write(join(folders.syncs, syncFileName(step)), () => syncFile(run.config, step))
  return folders
}
