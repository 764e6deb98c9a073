import { spawn } from 'node:child_process'

export interface CommandResult {
  /** null if a signal ended it. */
  code: number | null
  stdout: string
  /** Both streams as they came. */
  output: string
}

/** Runs a program with a list of arguments, and waits for its end. @throws Error with code ENOENT if there is none */
export type RunCommand = (
  program: string,
  args: readonly string[],
  options?: { cwd?: string },
) => Promise<CommandResult>

export const runCommand: RunCommand = (program, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let output = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, output }))
  })
