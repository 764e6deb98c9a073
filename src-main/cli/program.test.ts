import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { openHome } from '../services/home.ts'
import type { Cli } from './command.ts'
import { createProgram, runCommandLine } from './program.ts'
import type { Terminal } from './terminal.ts'

function textTerminal(): Terminal & { out(): string; err(): string } {
  const written = { out: '', err: '' }
  const into = (key: keyof typeof written) =>
    new Writable({
      write(chunk, _, done) {
        written[key] += String(chunk)
        done()
      },
    })
  return {
    stdin: Readable.from([]),
    stdout: into('out'),
    stderr: into('err'),
    columns: () => null,
    out: () => written.out,
    err: () => written.err,
  }
}

const cliOf = (
  terminal: Terminal,
  openWorkbench: Cli['openWorkbench'] = async () => expect.fail('opened a home'),
): Cli => ({
  terminal,
  environment: {},
  exitCode: 0,
  openWorkbench,
})

const leaves = (command: Command): Command[] =>
  command.commands.length > 0 ? command.commands.flatMap(leaves) : [command]
const wordsOf = (command: Command): string[] => (command.parent ? [...wordsOf(command.parent), command.name()] : [])
const commands = leaves(createProgram(cliOf(textTerminal()), '1.2.3')).map(wordsOf)

describe('the command line', () => {
  it('has the commands of the design', () => {
    expect(commands.map((words) => words.join(' '))).toEqual([
      'train',
      'ablate',
      'plan',
      ...['list', 'show', 'pause', 'stop', 'resume', 'clone', 'remove', 'import'].map((name) => `runs ${name}`),
      'models list',
      'models describe',
      'report',
      ...['export', 'import', 'plan', 'run'].map((name) => `paper ${name}`),
      'dialogues',
      'tokenize',
      'reconstruct',
      'generate',
      'chat',
      'evaluate',
      'export',
      'doctor',
    ])
  })

  it.each(commands.map((words) => ({ name: words.join(' '), words })))(
    'explains "$name" with an example, --home and --json, and exit code 0',
    async ({ words }) => {
      const terminal = textTerminal()
      expect(await runCommandLine(cliOf(terminal), [...words, '--help'], '1.2.3')).toBe(0)
      expect(terminal.out()).toContain(`$ unicode-workbench ${words.join(' ')}`)
      expect(terminal.out()).toContain('--home <dir>')
      expect(terminal.out()).toContain('--json')
      expect(terminal.err()).toBe('')
    },
  )

  it('shows its help with exit code 2 when no command is given', async () => {
    for (const words of [[], ['runs']]) {
      const terminal = textTerminal()
      expect(await runCommandLine(cliOf(terminal), words, '1.2.3')).toBe(2)
      expect(terminal.err()).toContain('Commands:')
      expect(terminal.out()).toBe('')
    }
  })

  it('prints its version', async () => {
    const terminal = textTerminal()
    expect(await runCommandLine(cliOf(terminal), ['--version'], '1.2.3')).toBe(0)
    expect(terminal.out()).toBe('1.2.3\n')
  })

  it.each([
    { words: ['train', 'quick', '--max-steps', '0'], says: 'Wanted a whole number of at least 1' },
    { words: ['ablate', 'quick', '--seeds', '0,,1'], says: 'such as 0,1,2' },
    { words: ['ablate', 'quick', '--seeds', '0,x'], says: 'such as 0,1,2' },
    { words: ['ablate', 'quick', '--seeds', '1,1'], says: 'A seed is listed twice' },
    { words: ['ablate', 'quick', '--sedes', '1'], says: '--seeds' },
    { words: ['ablate'], says: "missing required argument 'preset|plan.json'" },
    { words: ['export', 'x'], says: 'say what to export' },
    {
      words: ['paper', 'export', '--format', 'pdf', '--out', 'x'],
      says: 'Allowed choices are latex, csv, html, markdown, png',
    },
    { words: ['paper', 'run', '4', '--row', 'a'], says: 'such as 1,4' },
    {
      words: ['paper', 'import', '/no/file', '--table', '1', '--row', '0', '--column', 'x', '--source', 'y'],
      says: '/no/file cannot be read',
    },
    { words: ['reconstruct', 'x', '--out', 'y'], says: 'give pictures, or code maps' },
  ])('refuses what it cannot use with exit code 2: $says', async ({ words, says }) => {
    const terminal = textTerminal()
    const code = await runCommandLine(cliOf(terminal), words, '1.2.3')
    expect(code).toBe(2)
    expect(terminal.err()).toContain(says)
    expect(terminal.err()).toMatch(/^error: /)
  })

  it('says which app holds a home and what to do, with exit code 1 and a JSON document', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'held-'))
    const held = openHome(directory)
    try {
      const terminal = textTerminal()
      const cli = cliOf(terminal, async (home) => {
        openHome(home).close()
        return expect.fail('the home was free')
      })
      expect(await runCommandLine(cli, ['runs', 'list', '--home', directory, '--json'], '1.2.3')).toBe(1)
      expect(terminal.err()).toMatch(new RegExp(`in use by process ${process.pid} .*--home`))
      expect(JSON.parse(terminal.out()).error.message).toContain('in use by')
    } finally {
      held.close()
      rmSync(directory, { recursive: true })
    }
  })

  it('examines the machine without making the home', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'doctor-'))
    const terminal = textTerminal()
    const code = await runCommandLine(cliOf(terminal), ['doctor', '--home', join(directory, 'home'), '--json'], '1.2.3')
    const { healthy, findings } = JSON.parse(terminal.out())
    expect([code, healthy]).toEqual([0, true])
    const named = new Map(findings.map((finding: { name: string }) => [finding.name, finding]))
    expect(named.get('onnxruntime on the processor')).toMatchObject({
      ok: true,
      needed: true,
      detail: expect.stringMatching(/^version \d\S+, \d+\.\d ms a small training step$/),
    })
    // What this machine has no device for is told, and keeps nothing from working.
    for (const { name, needed } of findings)
      if (/WebGPU|CUDA|DirectML|CoreML|TensorFlow/.test(name)) expect(needed).toBe(false)
    for (const name of ['Node', 'SQLite', 'sharp', 'data set openmoji', 'home'])
      expect(named.get(name)).toMatchObject({ ok: true })
    for (const name of ['Electron', 'Chromium']) expect(named.get(name)).toMatchObject({ needed: false })
    expect(readdirSync(directory)).toEqual([])
    rmSync(directory, { recursive: true })
  })

  it('names the problem and the remedy of a home that cannot be written', async () => {
    const terminal = textTerminal()
    const code = await runCommandLine(
      cliOf(terminal),
      ['doctor', '--home', join(import.meta.filename, 'home')],
      '1.2.3',
    )
    expect(code).toBe(1)
    expect(terminal.out()).toMatch(/problem\s+home\s.*--home/)
  })
})
