import { fork } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { writeJsonAtomic } from '../jobs/atomic-file.ts'
import { stepFileName, writeCheckpoint } from '../jobs/checkpoints.ts'
import { processIdentity } from '../jobs/process-identity.ts'
import { createRunDirectory, runFiles } from '../jobs/run-directory.ts'
import { readPresets } from '../services/presets.ts'
import { importRunDirectory } from './import-run.ts'
import { pngNames } from './pictures.ts'
import { openCheckpoint, openRunFolder, runDirectory, runsFolder } from './run-folder.ts'
import { askToEnd, isTraining } from './run-requests.ts'

let folder: string
let home: string
const config = readPresets()[0]?.baseline as ExperimentConfig
const makeRun = (parent: string, id: string): string => {
  const directory = join(parent, id)
  createRunDirectory(directory, config, { createdAt: 0, parentId: null, ablation: null })
  return directory
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-folder-'))
  home = join(folder, 'home')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('a run named on the command line', () => {
  it('is found by its directory, or by its id in the home', () => {
    const elsewhere = makeRun(folder, 'copied')
    importRunDirectory(home, elsewhere)
    expect(runDirectory(home, elsewhere)).toBe(elsewhere)
    expect(openRunFolder(home, 'copied')).toMatchObject({ directory: join(runsFolder(home), 'copied'), tokens: [] })
  })

  it('that is not there is refused with the nearest id, and without leaving the home', () => {
    importRunDirectory(home, makeRun(folder, 'copied'))
    expect(() => runDirectory(home, 'copid')).toThrow('did you mean copied?')
    expect(() => runDirectory(home, '../outside')).toThrow('there is no run')
    expect(() => runDirectory(join(folder, 'no-home'), 'x')).toThrow('there is no run "x"')
  })

  it('gives its newest readable checkpoint, or the one of a step, and says which there are', () => {
    const directory = makeRun(folder, 'run')
    const { checkpoints } = runFiles(directory)
    expect(() => openCheckpoint(directory, undefined, () => {})).toThrow('has no checkpoint yet')
    const tensors = { x: { dtype: 'F32' as const, shape: [1], data: Float32Array.of(1) } }
    for (const step of [10, 20]) writeCheckpoint(checkpoints, step, tensors, {})
    expect(openCheckpoint(directory, undefined, () => {}).step).toBe(20)
    expect(openCheckpoint(directory, 10, () => {}).file.tensors.x?.data).toEqual(Float32Array.of(1))
    expect(() => openCheckpoint(directory, 15, () => {})).toThrow('no checkpoint of step 15; it has 10, 20')
    writeFileSync(join(checkpoints, stepFileName(20)), 'torn')
    const warnings: string[] = []
    expect(openCheckpoint(directory, undefined, (message) => warnings.push(message)).step).toBe(10)
    expect(warnings[0]).toContain(stepFileName(20))
  })
})

describe('importing a run directory', () => {
  it('copies it whole under its own name, and overwrites nothing', () => {
    const source = makeRun(folder, 'copied')
    writeFileSync(runFiles(source).events, 'x')
    expect(importRunDirectory(home, source)).toBe('copied')
    expect(readdirSync(runsFolder(home))).toEqual(['copied'])
    expect(existsSync(runFiles(join(runsFolder(home), 'copied')).events)).toBe(true)
    expect(() => importRunDirectory(home, source)).toThrow('has a run copied already')
  })

  it('refuses what is no run directory, is damaged, badly named or still trains, and leaves the home as it was', () => {
    expect(() => importRunDirectory(home, folder)).toThrow('it has no config.json')
    expect(() => importRunDirectory(home, makeRun(folder, 'bad name'))).toThrow('its id; rename it')
    const damaged = makeRun(folder, 'damaged')
    writeFileSync(runFiles(damaged).config, '{')
    expect(() => importRunDirectory(home, damaged)).toThrow('is damaged: it is not JSON')
    const training = makeRun(folder, 'training')
    writeJsonAtomic(runFiles(training).process, processIdentity())
    expect(() => importRunDirectory(home, training)).toThrow('still trains; pause it first')
    expect(existsSync(home)).toBe(false)
  })
})

describe('asking a training process to end', () => {
  /** A stand-in for a training process: ends in an orderly way once control.json asks for it. */
  const obedient = `
    const { existsSync, readFileSync, writeFileSync } = require('node:fs')
    const [control, events] = process.argv.slice(2)
    setInterval(() => {
      if (!existsSync(control)) return
      const { request } = JSON.parse(readFileSync(control, 'utf8'))
      const state = request === 'pause' ? 'paused' : 'stopped'
      writeFileSync(events, JSON.stringify({ seq: 1, time: 1, kind: 'ended', state, step: 7, reason: 'On request.' }) + '\\n')
      process.exit()
    }, 20)
    process.send('ready')`

  it('goes through the run directory and waits for the outcome', async () => {
    const directory = makeRun(folder, 'run')
    const files = runFiles(directory)
    const script = join(folder, 'obedient.cjs')
    writeFileSync(script, obedient)
    const child = fork(script, [files.control, files.events])
    await new Promise((resolve) => child.once('message', resolve))
    writeJsonAtomic(files.process, processIdentity(child.pid))
    expect(isTraining(directory)).toBe(true)
    expect(await askToEnd(directory, 'pause')).toEqual({ state: 'paused', reason: 'On request.' })
    expect(isTraining(directory)).toBe(false)
  })

  it('says so if the process does not end in time', async () => {
    const directory = makeRun(folder, 'run')
    writeJsonAtomic(runFiles(directory).process, processIdentity())
    await expect(askToEnd(directory, 'stop', 50)).rejects.toThrow('asked to stop, but it still trains')
  })
})

describe('names of reconstructions', () => {
  it('are flat, end in .png and are never given twice', () => {
    expect(pngNames(['a/x.jpg', 'a-x.png', 'y', 'b\\z.tar.webp'])).toEqual([
      'a-x.png',
      'a-x-2.png',
      'y.png',
      'b-z.tar.png',
    ])
  })
})
