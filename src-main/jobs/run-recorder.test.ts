import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { KEPT_SYNCS, syncFileName } from '../../src-shared/events.ts'
import { answersFileName, type HeldOutAnswer } from '../../src-shared/held-out-answers.ts'
import { smallConfig } from '../../test/fakes/small-config.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { stepsIn } from './checkpoints.ts'
import { clearRequest, fileControl, requestOf } from './control.ts'
import { readEvents } from './events-file.ts'
import { isAlive, processIdentity } from './process-identity.ts'
import { createRunDirectory, readRunConfig, readRunOrigin, readRunTokens, runFiles } from './run-directory.ts'
import { openRunRecorder } from './run-recorder.ts'

const origin = { createdAt: 1000, parentId: null, ablation: null }
const tensors = { x: { dtype: 'F32' as const, shape: [1], data: new Float32Array([1]) } }
const answer: HeldOutAnswer = {
  task: 'name',
  place: 3,
  turn: 0,
  question: 'what is this?',
  answer: 'a cat',
  said: 'a dog',
  right: false,
  blind: false,
}

function newRun(): string {
  const directory = join(temporaryFolder(), 'run-1')
  createRunDirectory(directory, smallConfig(), origin)
  return directory
}

it('makes a directory whole and never over another', () => {
  const directory = newRun()
  expect(readRunConfig(directory)).toEqual(smallConfig())
  expect(readRunOrigin(directory)).toEqual(origin)
  expect(() => createRunDirectory(directory, smallConfig(), origin)).toThrow(/never overwritten/)
})

it('names the file and what is wrong when a directory is damaged', () => {
  const directory = newRun()
  writeFileSync(runFiles(directory).config, '{"name": ')
  expect(() => readRunConfig(directory)).toThrow(/config\.json is damaged: it is not JSON/)
  writeFileSync(runFiles(directory).origin, '{"createdAt": "soon"}')
  expect(() => readRunOrigin(directory)).toThrow(/run\.json is damaged: createdAt/)
  expect(() => openRunRecorder(temporaryFolder())).toThrow(/no config\.json/)
})

it('writes samples, answers, checkpoints and tokens, each with its event, and keeps two checkpoints', () => {
  const directory = newRun()
  const recorder = openRunRecorder(directory)
  recorder.tokens(['<pad>', 'apple'])
  recorder.sample(5, tensors, {})
  recorder.answers(5, [answer])
  for (const step of [10, 20, 30]) recorder.checkpoint(step, tensors, {})
  recorder.close()
  const files = runFiles(directory)
  expect(readRunTokens(directory)).toEqual(['<pad>', 'apple'])
  expect(stepsIn(files.samples)).toEqual([5])
  expect(stepsIn(files.answers, 'json')).toEqual([5])
  expect(stepsIn(files.answers)).toEqual([])
  expect(JSON.parse(readFileSync(join(files.answers, answersFileName(5)), 'utf8'))).toEqual([answer])
  expect(stepsIn(files.checkpoints)).toEqual([20, 30])
  expect(readEvents(files.events).events.map(({ kind }) => kind)).toEqual([
    'sample',
    'answers',
    'checkpoint',
    'checkpoint',
    'checkpoint',
  ])
})

it('keeps the files of so many syncs, then every second one and always the newest', () => {
  const directory = newRun()
  const { syncs } = runFiles(directory)
  const recorder = openRunRecorder(directory)
  for (let step = 1; step <= KEPT_SYNCS; step++) writeFileSync(join(syncs, syncFileName(step)), '')
  recorder.sync(KEPT_SYNCS + 1, tensors)
  recorder.close()
  const odd = Array.from({ length: KEPT_SYNCS / 2 + 1 }, (_, at) => syncFileName(2 * at + 1))
  expect(readdirSync(syncs).sort()).toEqual(odd)
})

it('tells of a value that is not a number by one alarm and keeps the others', () => {
  const directory = newRun()
  const recorder = openRunRecorder(directory)
  for (const step of [1, 2]) recorder.event({ kind: 'metrics', step, values: { loss: Number.NaN, speed: 3 } })
  recorder.close()
  const { events, damaged } = readEvents(runFiles(directory).events)
  expect(damaged).toEqual([])
  expect(events.filter(({ kind }) => kind === 'metrics')).toMatchObject([
    { values: { speed: 3 } },
    { values: { speed: 3 } },
  ])
  expect(events.filter(({ kind }) => kind === 'alarm')).toMatchObject([{ name: 'not-a-number', step: 1 }])
})

it('gives the directory to one living process at a time, and to the next after its death', async () => {
  const directory = newRun()
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  await once(other, 'spawn')
  const identity = processIdentity(other.pid)
  writeFileSync(runFiles(directory).process, JSON.stringify(identity))
  expect(() => openRunRecorder(directory)).toThrow(new RegExp(`process ${other.pid} .* is training`))
  other.kill('SIGKILL')
  await once(other, 'exit')
  expect(isAlive(identity)).toBe(false)
  openRunRecorder(directory).close()
  expect(existsSync(runFiles(directory).process)).toBe(false)
})

it('does not take a process with a reused pid for the one that was meant', () => {
  expect(isAlive(processIdentity())).toBe(true)
  expect(isAlive({ ...processIdentity(), started: 'another time' })).toBe(false)
})

it('carries a request to the training process, which looks at most every 200 ms', () => {
  const directory = newRun()
  let now = 0
  const control = fileControl(directory, () => now)
  expect(control.request()).toBe('none')
  requestOf(directory, 'pause')
  now = 100
  expect(control.request()).toBe('none')
  now = 250
  expect(control.request()).toBe('pause')
  clearRequest(directory)
  now = 500
  expect(control.request()).toBe('none')
  writeFileSync(runFiles(directory).control, '{"request":"explode"}')
  now = 800
  expect(control.request()).toBe('none')
  expect(readFileSync(runFiles(directory).config, 'utf8')).toContain('"seed"')
})
