import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** PyTorch as the peer of a benchmark, in a virtual environment made beside this file the first time. */
const folder = fileURLToPath(new URL('.', import.meta.url))
const python = `${folder}.venv/bin/python`
const MARK = `${folder}.venv/pyvenv.cfg`

function ensureEnvironment(): void {
  if (!existsSync(MARK)) execFileSync('python3', ['-m', 'venv', `${folder}.venv`], { stdio: 'inherit' })
  try {
    execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' })
  } catch {
    process.stderr.write('installing PyTorch into test/bench/.venv (once, several gigabytes)\n')
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', 'torch', 'numpy'], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
  }
}

export interface PeerStep {
  version: string
  /** Takes one step in the peer and gives its milliseconds and loss. */
  step(): Promise<{ ms: number; loss: number }>
  stop(): void
}

/** Starts a peer script that answers each line on its input with one line of JSON. */
export async function openPyTorch(script: string, options: object): Promise<PeerStep> {
  ensureEnvironment()
  const child: ChildProcess = spawn(python, [`${folder}peers/${script}`, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
  const next = async <T>(): Promise<T> => {
    const line = await lines.next()
    if (line.done) throw new Error(`the PyTorch peer ${script} ended early with code ${child.exitCode}`)
    return JSON.parse(line.value) as T
  }
  const { ready } = await next<{ ready: string }>()
  return {
    version: `PyTorch ${ready}`,
    step: () => {
      child.stdin?.write('\n')
      return next()
    },
    stop: () => child.stdin?.end(),
  }
}
