import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { explainedExit, runBrowserHost, runElectronHost, windowOpenLine } from './run-host.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'workbench-run-'))
  mkdirSync(join(root, 'out', 'main'), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true }))

/** A program that notes its arguments and environment, then does what the code says. */
function program(code: string): string {
  const path = join(root, 'program')
  const note = `require('node:fs').writeFileSync(${JSON.stringify(join(root, 'note.json'))}, JSON.stringify({ args: process.argv.slice(2), env: process.env }))`
  writeFileSync(path, `#!${process.execPath}\n${note}\n${code}\n`)
  chmodSync(path, 0o755)
  return path
}
const note = () => JSON.parse(readFileSync(join(root, 'note.json'), 'utf8')) as { args: string[]; env: object }

describe.skipIf(process.platform === 'win32')('the desktop window', () => {
  it('is given the repository and the home, and is Electron even in a terminal inside of Electron', async () => {
    const electron = program(`console.log(${JSON.stringify(windowOpenLine)})`)
    const end = await runElectronHost(root, electron, { home: '/h' }, { ...process.env, ELECTRON_RUN_AS_NODE: '1' })
    expect(end).toEqual({ code: 0, couldNotStart: false })
    expect(note().args).toEqual([root, '--home', '/h'])
    expect(note().env).not.toHaveProperty('ELECTRON_RUN_AS_NODE')
  })

  it('could not start if it ends before its window is open', async () => {
    expect(await runElectronHost(root, program('process.exit(127)'), {})).toEqual({ code: 127, couldNotStart: true })
    expect(await runElectronHost(root, program('process.kill(process.pid, "SIGTRAP")'), {})).toMatchObject({
      couldNotStart: true,
    })
  })

  it('has started if it failed later, or has said itself what was wrong', async () => {
    const later = program(`console.log(${JSON.stringify(windowOpenLine)}); process.exit(1)`)
    expect(await runElectronHost(root, later, {})).toEqual({ code: 1, couldNotStart: false })
    const explained = program(`process.exit(${explainedExit})`)
    expect(await runElectronHost(root, explained, {})).toEqual({ code: explainedExit, couldNotStart: false })
  })
})

it('passes home and port to the browser host, tells it to open the browser, and returns its exit code', async () => {
  writeFileSync(
    join(root, 'out', 'main', 'browser.js'),
    `require('node:fs').writeFileSync(${JSON.stringify(join(root, 'note.json'))}, JSON.stringify({ args: process.argv.slice(2), env: { channel: process.connected } }))
     process.exit(3)`,
  )
  expect(await runBrowserHost(root, { home: '/h', port: '9' })).toEqual({ code: 3, couldNotStart: false })
  expect(note().args).toEqual(['--open', '--home', '/h', '--port', '9'])
  expect(note().env).toEqual({ channel: true })
})
