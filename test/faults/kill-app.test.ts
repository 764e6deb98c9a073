import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { readEvents } from '../../src-main/jobs/events-file.ts'
import { isAlive, type ProcessIdentity } from '../../src-main/jobs/process-identity.ts'
import { readRunProcess, runFiles } from '../../src-main/jobs/run-directory.ts'
import { createWorkbench } from '../../src-main/services/workbench.ts'
import { temporaryFolder } from '../fakes/temporary-folder.ts'

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url))

async function until<T>(
  what: string,
  find: () => T | null | undefined | false | Promise<T | null | undefined | false>,
): Promise<T> {
  for (let i = 0; i < 400; i++) {
    const found = await find()
    if (found) return found
    await setTimeout(25)
  }
  throw new Error(`${what} did not come to pass within ten seconds`)
}

const apps: ChildProcess[] = []
afterEach(() => {
  for (const app of apps.splice(0)) app.kill('SIGKILL')
})

/** An app with one run that has trained a few steps. */
async function trainingApp() {
  const home = join(temporaryFolder(), 'home')
  const app = spawn(process.execPath, [fixture('hold-workbench'), home], { stdio: ['ignore', 'pipe', 'inherit'] })
  apps.push(app)
  const [line] = (await once(app.stdout, 'data')) as [Buffer]
  const id = line.toString().trim()
  const directory = join(home, 'runs', id)
  const steps = () => readEvents(runFiles(directory).events).events.filter(({ kind }) => kind === 'metrics').length
  await until('a few steps', () => steps() > 3)
  const identity = readRunProcess(directory) as ProcessIdentity
  return { home, app, id, directory, identity }
}

it('pauses a run by a checkpoint when its app is killed, and the next app takes over home, run and metrics', async () => {
  const { home, app, id, directory, identity } = await trainingApp()
  app.kill('SIGKILL')
  await once(app, 'close')
  const workbench = await createWorkbench({ home, concurrency: 1, trainingEntry: fixture('train-slowly') })
  try {
    const run = await until('the pause', async () => {
      const found = await workbench.client.runs.get({ id })
      return found.state === 'paused' && found
    })
    expect(isAlive(identity)).toBe(false)
    const { events } = readEvents(runFiles(directory).events)
    const recorded = events.flatMap((event) => (event.kind === 'metrics' ? event.step : []))
    const [series] = await workbench.client.runs.metrics({ runIds: [id], names: ['loss'], maxPoints: 10_000 })
    expect(series?.step).toEqual(recorded)
    expect(run.checkpointSteps.at(-1)).toBe(recorded.at(-1))
    await workbench.client.runs.resume({ id })
    await until('steps of the second attempt', async () => {
      const { attempts, step } = await workbench.client.runs.get({ id })
      return attempts === 2 && step > run.step
    })
  } finally {
    await workbench.close()
  }
})

it('marks a run interrupted whose process is killed, with the signal, and resumes it without losing a step', async () => {
  const home = join(temporaryFolder(), 'home')
  const workbench = await createWorkbench({ home, concurrency: 1, trainingEntry: fixture('train-slowly') })
  const { client } = workbench
  try {
    const [preset] = await client.presets.list()
    const { id } = await client.runs.create({ config: preset?.baseline })
    await until('a few steps', async () => (await client.runs.get({ id })).step > 3)
    const { pid } = readRunProcess(join(home, 'runs', id)) as ProcessIdentity
    process.kill(pid, 'SIGKILL')
    const run = await until('the interruption', async () => {
      const found = await client.runs.get({ id })
      return found.state === 'interrupted' && found
    })
    expect(run.reason).toMatch(/SIGKILL/)
    await client.runs.resume({ id })
    await until('steps of the second attempt', async () => {
      const { attempts, step, state } = await client.runs.get({ id })
      return attempts === 2 && step > 3 && state === 'running'
    })
    expect(await client.runs.pause({ id })).toEqual({ state: 'running' })
    await until('the pause', async () => (await client.runs.get({ id })).state === 'paused')
  } finally {
    await workbench.close()
  }
})

it('refuses a second app on the home of a living one, by the first one’s pid', async () => {
  const { home, app } = await trainingApp()
  await expect(createWorkbench({ home })).rejects.toThrow(`in use by process ${app.pid} on`)
  app.kill('SIGKILL')
  await once(app, 'close')
  await (await createWorkbench({ home })).close()
})
