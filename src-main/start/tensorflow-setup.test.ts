import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installedTensorflow } from '../engine/tensorflow/installation.ts'
import type { CommandResult, RunCommand } from './run-command.ts'
import { SetupError, setUpTensorflow } from './tensorflow-setup.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'workbench-setup-'))
  mkdirSync(join(home, 'tensorflow'))
  writeFileSync(join(home, 'tensorflow', 'libtensorflow_cc.so.2'), '')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const ended = (code: number, stdout = '', stderr = ''): CommandResult => ({ code, stdout, output: stdout + stderr })
type Outcome = CommandResult | 'missing'

/** Plays the programs that a setup calls: they leave the files that they would, or end as told. */
function programs(outcomes: Record<string, Outcome> = {}) {
  const calls: string[] = []
  const run: RunCommand = async (program, args) => {
    const step = stepOf(program, args)
    calls.push(step)
    const outcome = outcomes[step]
    if (outcome === 'missing') throw Object.assign(new Error(`spawn ${program} ENOENT`), { code: 'ENOENT' })
    return outcome ?? play(step, args)
  }
  return { calls, run }
}

function stepOf(program: string, args: readonly string[]): string {
  if (args.includes('pack')) return 'pack'
  if (program === 'tar') return 'unpack'
  if (args.includes('venv')) return 'environment'
  if (args.includes('pip')) return 'install'
  if (args.includes('-c')) return 'find'
  return args.includes('-shared') ? 'compile' : 'try'
}

function play(step: string, args: readonly string[]): CommandResult {
  const after = (flag: string) => args[args.indexOf(flag) + 1] as string
  if (step === 'pack') return ended(0, `${args.find((arg) => arg.includes('@'))}.tgz\n`.replaceAll('/', '-'))
  if (step === 'unpack') {
    const [, name = '', version] = /packed\/(.*)@(.*)\.tgz$/.exec(args[1] as string) ?? []
    mkdirSync(join(after('-C'), 'package'))
    writeFileSync(join(after('-C'), 'package', 'package.json'), JSON.stringify({ name, version }))
  }
  if (step === 'environment') {
    mkdirSync(join(args.at(-1) as string, 'bin'), { recursive: true })
    writeFileSync(join(args.at(-1) as string, 'bin', 'pip'), '')
  }
  if (step === 'find') return ended(0, `${JSON.stringify(join(home, 'tensorflow'))}\n`)
  if (step === 'compile') writeFileSync(after('-o'), 'addon')
  if (step === 'try') return ended(0, '{"version":"2.21.0","gpu":false,"product":[7,10,15,22]}\n')
  return ended(0)
}

const setUp = (run: RunCommand, options: { gpu?: boolean; python?: string; platform?: NodeJS.Platform } = {}) =>
  setUpTensorflow(
    { folder: join(home, 'runtime'), gpu: false, platform: 'linux', ...options },
    { run, say: () => undefined },
  )

describe('setting TensorFlow up', () => {
  it('fetches, compiles, tries, and writes down what it made', async () => {
    const { run, calls } = programs()
    const made = await setUp(run)
    expect(calls).toEqual(['pack', 'unpack', 'pack', 'unpack', 'environment', 'install', 'find', 'compile', 'try'])
    expect(made).toMatchObject({ tensorflow: '2.21.0', tfjsNode: '4.22.0', gpu: false })
    expect(readFileSync(made.addon, 'utf8')).toBe('addon')
    expect(installedTensorflow(join(home, 'runtime'))).toEqual(made)
  })

  it('keeps what is there when it runs again', async () => {
    await setUp(programs().run)
    const { run, calls } = programs()
    await setUp(run)
    expect(calls).toEqual(['install', 'find', 'try'])
  })

  it('goes on where it broke off, without having written a record', async () => {
    await expect(setUp(programs({ compile: ended(1, '', 'error: no such file') }).run)).rejects.toThrow(/no such file/)
    expect(installedTensorflow(join(home, 'runtime'))).toBeNull()
    const { run, calls } = programs()
    await setUp(run)
    expect(calls).toEqual(['install', 'find', 'compile', 'try'])
  })

  it('uses a given environment, and compiles anew since that may have changed', async () => {
    const first = programs()
    expect((await setUp(first.run, { python: '/mine/python' })).python).toBe('/mine/python')
    expect(first.calls).not.toContain('environment')
    const { run, calls } = programs()
    await setUp(run, { python: '/mine/python' })
    expect(calls).toEqual(['find', 'compile', 'try'])
  })

  it.each<[string, Record<string, Outcome>, RegExp]>([
    ['npm', { pack: 'missing' }, /npm was not found; install Node/],
    ['a registry', { pack: ended(1, '', 'ECONNREFUSED') }, /npm registry can be reached.*ECONNREFUSED/s],
    ['Python', { environment: 'missing' }, /python3 was not found; install Python 3\.10 to 3\.13/],
    ['the venv module', { environment: ended(1, 'ensurepip is not available') }, /python3-venv.*ensurepip/s],
    ['PyPI', { install: ended(1, '', 'No matching distribution') }, /PyPI can be reached.*No matching/s],
    ['a compiler', { compile: 'missing' }, / was not found; install a C\+\+17 compiler/],
    ['TensorFlow in the environment', { find: ended(0, 'null\n') }, /holds no libtensorflow_cc\.so\.2; install/],
    ['a library at run time', { try: ended(1, '', 'libcudart: cannot open') }, /trying the addon.*libcudart/s],
    [
      'right results',
      { try: ended(0, '{"version":"2","gpu":false,"product":[1]}') },
      /multiplied two matrices to 1 inst/,
    ],
  ])('says what to do without %s', async (_, outcomes, message) => {
    const failing = setUp(programs(outcomes).run)
    await expect(failing).rejects.toThrow(SetupError)
    await expect(failing).rejects.toThrow(message)
    expect(existsSync(join(home, 'runtime', 'tensorflow.json'))).toBe(false)
  })

  it('asks for TensorFlow with CUDA, and says so if that finds no GPU', async () => {
    const { run } = programs()
    const asked: string[] = []
    const failing = setUp(
      (program, args, options) => {
        asked.push(...args)
        return run(program, args, options)
      },
      { gpu: true },
    )
    await expect(failing).rejects.toThrow(/finds no GPU.*nvidia-smi/)
    expect(asked.some((arg) => arg.startsWith('tensorflow[and-cuda]=='))).toBe(true)
  })

  it('is for Linux', async () => {
    await expect(setUp(programs().run, { platform: 'win32' })).rejects.toThrow(/Linux only, and this is win32.*WSL/)
  })
})
