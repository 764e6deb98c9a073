import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ORPCError } from '@orpc/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeExecutor } from '../../test/fakes/fake-executor.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { tinyLlama, whyNoTinyLlama } from '../../test/fixtures/tiny-llama.ts'
import { createWorkbench, type Workbench } from './workbench.ts'

const missing = whyNoTinyLlama()
let root: string
let workbench: Workbench

beforeEach(async () => {
  vi.stubEnv('UNICODE_WORKBENCH_SMOLLM2', '')
  root = temporaryFolder()
  workbench = await createWorkbench({ home: join(root, 'home'), concurrency: 1, executor: fakeExecutor(() => {}) })
})
afterEach(async () => {
  await workbench.close()
  vi.unstubAllEnvs()
})

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 400; turn++) {
    if (await holds()) return
    await setTimeout(10)
  }
  throw new Error('it did not come to pass within four seconds')
}

describe('the language models of a home', () => {
  it('has SmolLM2 to install, and says of a path that holds no model why', async () => {
    const { models, installation } = await workbench.client.models.list()
    expect(models).toEqual([
      { id: 'smollm2', title: 'SmolLM2-135M-Instruct', path: null, description: null, problem: '' },
    ])
    expect(installation).toBeNull()
    const file = join(root, 'model.gguf')
    writeFileSync(file, 'no model at all')
    for (const [path, message] of [
      [join(root, 'none'), 'there is no file or folder'],
      [file, 'not a GGUF file'],
      ['model.gguf', 'is not an absolute path'],
    ] as const) {
      const error = await workbench.client.models.describe({ path }).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ORPCError)
      expect((error as ORPCError<string, unknown>).code).toBe('UNREADABLE')
      expect((error as Error).message).toContain(message)
    }
    expect((await workbench.client.models.list()).models).toHaveLength(1)
  })

  it.skipIf(missing !== '')(
    `describes a model by its path, and remembers it until it is forgotten${missing && ` (skipped: ${missing})`}`,
    async () => {
      const { path, sizes } = tinyLlama(join(root, 'tiny'))
      const description = await workbench.client.models.describe({ path })
      expect(description).toMatchObject({ path, name: 'tiny', format: 'hugging-face', sizes, storage: ['F32'] })
      expect(description.tokenizer).toEqual({ tokens: 98, begin: '', end: '<|end|>', special: 2 })
      expect(description.example).toEqual([
        { text: '<|start|>user\nWhat is a red apple?<|end|>\n<|start|>assistant\n', learned: false },
        { text: 'It is a fruit.<|end|>', learned: true },
        { text: '\n', learned: false },
      ])
      const ids = async () => (await workbench.client.models.list()).models.map(({ id }) => id)
      expect(await ids()).toEqual(['smollm2', path])
      await workbench.client.models.forget({ path })
      expect(await ids()).toEqual(['smollm2'])
    },
  )

  it.skipIf(missing !== '')('tells of a model without a tokenizer what it lacks, and describes the rest', async () => {
    const { path } = tinyLlama(join(root, 'home', 'models', 'bare'))
    writeFileSync(join(path, 'tokenizer.json'), '{"model": {"vocab": 7}}')
    const bare = (await workbench.client.models.list()).models.find(({ title }) => title === 'bare')
    expect(bare?.description?.tokenizer).toBeNull()
    expect(bare?.description?.tokenizerProblem).toContain('tokenizer.json cannot be used')
  })
})

/** Stands in for Python: pip writes half of the package, and goes on when a file called "go" is there. */
const python = `#!${process.execPath}
const fs = require('node:fs'), path = require('node:path')
const args = process.argv.slice(2)
if (args[1] === 'pip' && args[2] === 'download') {
  fs.writeFileSync(path.join(process.env.TMPDIR, 'arriving.whl'), 'x'.repeat(5000))
  const wait = () => fs.existsSync(path.join(__dirname, 'go')) ? (console.error('ERROR: no network'), process.exit(1)) : setTimeout(wait, 20)
  wait()
}
`

describe.skipIf(process.platform === 'win32')('installing SmolLM2', () => {
  beforeEach(() => {
    const bin = join(root, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'python3'), python)
    chmodSync(join(bin, 'python3'), 0o755)
    vi.stubEnv('PATH', `${bin}${delimiter}${process.env.PATH}`)
  })
  const state = async () => (await workbench.client.models.list()).installation?.state

  it('shows how far it is, can be cancelled, and leaves no model behind', async () => {
    const { models } = workbench.client
    expect(await models.install()).toEqual({ started: true })
    await expect(models.install()).rejects.toThrow('is being installed already')
    await until(async () => ((await models.list()).installation?.bytes ?? 0) === 5000)
    expect((await models.list()).installation).toMatchObject({ state: 'running', totalBytes: 92_871_040 })
    expect(await models.cancelInstall()).toEqual({ cancelled: true })
    expect(await state()).toBe('cancelled')
    expect((await models.list()).models[0]?.path).toBeNull()
    expect(await models.cancelInstall()).toEqual({ cancelled: false })
  })

  it('says what went wrong, and can be tried again', async () => {
    writeFileSync(join(root, 'bin', 'go'), '')
    await workbench.client.models.install()
    await until(async () => (await state()) === 'failed')
    expect((await workbench.client.models.list()).installation?.message).toContain('no network')
    expect(await workbench.client.models.install()).toEqual({ started: true })
    await until(async () => (await state()) === 'failed')
    expect(existsSync(join(root, 'home', 'models'))).toBe(true)
  })

  it('ends with the app', async () => {
    await workbench.client.models.install()
    await until(async () => ((await workbench.client.models.list()).installation?.bytes ?? 0) === 5000)
    const before = Date.now()
    await workbench.close()
    expect(Date.now() - before).toBeLessThan(5000)
  })
})
