import { EventEmitter } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { UtilityProcess } from 'electron'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { TalkingJob } from '../jobs/executor.ts'
import { type Fork, utilityExecutor } from './utility-executor.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workbench-utility-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Starts a job whose utility process is played by the test. */
function started(how: 'start' | 'converse' = 'start') {
  const child = Object.assign(new EventEmitter(), {
    pid: undefined as number | undefined,
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    postMessage: vi.fn(),
  })
  const fork = vi.fn<Fork>(() => child as unknown as UtilityProcess)
  const order = {
    entry: '/app/out/main/train.js',
    arguments: ['/runs/a'],
    stdout: join(folder, 'stdout.log'),
    stderr: join(folder, 'stderr.log'),
  }
  const job = utilityExecutor(fork)[how](order, { PATH: '/bin' })
  return { child, fork, order, job }
}

it('forks the entry with its arguments and nothing but the given environment', () => {
  const { fork, order } = started()
  expect(fork).toHaveBeenCalledWith(order.entry, order.arguments, {
    env: { PATH: '/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
    serviceName: expect.any(String),
  })
})

it('writes what the process says to its files', async () => {
  const { child, order } = started()
  child.stdout.end('step 1\n')
  child.stderr.end('a warning\n')
  await vi.waitFor(() => {
    expect(readFileSync(order.stdout, 'utf8')).toBe('step 1\n')
    expect(readFileSync(order.stderr, 'utf8')).toBe('a warning\n')
  })
})

it('knows the process id once there is one, and how the process ended', async () => {
  const { child, job } = started()
  expect(job.pid).toBeUndefined()
  child.pid = 4321
  expect(job.pid).toBe(4321)
  child.emit('exit', 9)
  expect(await job.exited).toEqual({ code: 9, signal: null, spawnError: null })
})

it('kills for good, and only what has been started', () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true)
  const { child, job } = started()
  job.kill()
  expect(kill).not.toHaveBeenCalled()
  child.pid = 4321
  job.kill()
  expect(kill).toHaveBeenCalledWith(4321, 'SIGKILL')
})

it('fails the start, and not the app later, when a file cannot be opened', () => {
  const fork = vi.fn<Fork>()
  const order = { entry: 'train.js', arguments: [], stdout: join(folder, 'gone', 'out'), stderr: join(folder, 'err') }
  expect(() => utilityExecutor(fork).start(order, {})).toThrow('ENOENT')
  expect(fork).not.toHaveBeenCalled()
})

it('exchanges messages with a process that answers', () => {
  const { child, job } = started('converse')
  const talking = job as TalkingJob
  const heard: unknown[] = []
  talking.onMessage((message) => heard.push(message))
  talking.send({ question: 1 })
  child.emit('message', { answer: 2 })
  expect(child.postMessage).toHaveBeenCalledWith({ question: 1 })
  expect(heard).toEqual([{ answer: 2 }])
})
