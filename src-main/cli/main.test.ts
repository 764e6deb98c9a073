import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as ort from 'onnxruntime-node'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { decodeNpy } from '../data/arrays/npy.ts'
import { readPresets } from '../services/presets.ts'

/** The command line as people run it: a process of its own, from source. */
const main = fileURLToPath(new URL('main.ts', import.meta.url))
let folder: string
let home: string

interface Ended {
  code: number
  stdout: string
  stderr: string
}

const run = (...words: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [main, ...words, '--home', home], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
/** A command that is still running: `said` waits for words on standard error. */
function begin(...words: string[]) {
  const child = spawn(process.execPath, [main, ...words, '--home', home])
  const read = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    read.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    read.stderr += chunk
  })
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code: code ?? -1, ...read })))
  const said = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(read.stderr)
      if (match) return match
      if (child.exitCode !== null) throw new Error(`ended without saying ${pattern}: ${read.stderr}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  return { process: child, ended, said }
}
const file = (name: string, content: unknown): string => {
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(content))
  return path
}
const quick = (): ExperimentConfig =>
  structuredClone((readPresets().find(({ id }) => id === 'quick') as { baseline: ExperimentConfig }).baseline)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'))
  home = join(folder, 'home')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('bad input', () => {
  const cases: { what: string; words: () => string[]; says: RegExp[] }[] = [
    {
      what: 'an unknown key',
      words: () => ['train', file('key.json', { ...quick(), codebok: {} })],
      says: [/codebok/, /did you mean "codebook"\?/],
    },
    {
      what: 'a wrong type',
      words: () => ['train', 'quick', '--set', 'training.steps=many'],
      says: [/training\.steps = "many"/, /not (a |an )?(int|number)/],
    },
    {
      what: 'a value that is not a choice',
      words: () => ['ablate', 'quick', '--set', 'losses.reconstruction=mce'],
      says: [/losses\.reconstruction = "mce"/, /the nearest is "mse"/],
    },
    {
      what: 'an impossible combination',
      words: () => ['plan', 'quick', '--set', 'tokenizer.channels=[32,47,64]'],
      says: [/tokenizer\.channels\.1 = 47/, /not divisible by tokenizer\.groups = 8; the nearest that is: 48/],
    },
    {
      what: 'an unknown setting',
      words: () => ['ablate', 'quick', '--set', 'codebook.intervall=3'],
      says: [/codebook\.intervall = 3/, /did you mean "codebook\.interval"\?/],
    },
    { what: 'an unknown preset', words: () => ['ablate', 'quik'], says: [/"quik"/, /did you mean "quick"\?/] },
    {
      what: 'a place for the weights of no model',
      words: () => ['export', 'nothing', '--metrics', 'x.csv', '--external'],
      says: [/--external says where the weights of --onnx FOLDER go/],
    },
    { what: 'an unknown run', words: () => ['export', 'nothing', '--metrics', 'x.csv'], says: [/no run "nothing"/] },
    { what: 'an unknown command', words: () => ['trian', 'quick'], says: [/unknown command 'trian'/, /train/] },
  ]

  it.each(cases)('$what ends with exit code 2 and one message, before anything is written', async ({ words, says }) => {
    const { code, stdout, stderr } = await run(...words())
    expect(code).toBe(2)
    expect(stdout).toBe('')
    for (const words of says) expect(stderr).toMatch(words)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(existsSync(home)).toBe(false)
  })

  it('comes back as one JSON document under --json', async () => {
    const { code, stdout } = await run('train', 'quick', '--set', 'codebook.paradigm=duel', '--json')
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toEqual({
      error: {
        message: 'the config cannot be used',
        hint: '',
        problems: [
          { path: 'codebook.paradigm', value: 'duel', message: expect.stringContaining('the nearest is "dual"') },
        ],
      },
    })
    expect(existsSync(home)).toBe(false)
  })
})

describe('from training to files', () => {
  let id: string
  const pictures = () => join(folder, 'pictures')

  beforeAll(async () => {
    mkdirSync(pictures())
    for (let at = 0; at < 12; at++) {
      const background = { r: at * 20, g: 255 - at * 20, b: 128 }
      await sharp({ create: { width: 40, height: 32, channels: 3, background } })
        .png()
        .toFile(join(pictures(), `square ${at}.png`))
    }
  })

  const small = (): ExperimentConfig => {
    const config = quick()
    return {
      ...config,
      name: 'small',
      data: { ...config.data, source: { kind: 'folder', path: pictures() }, heldOut: 0.5, limit: 0 },
      tokenizer: { ...config.tokenizer, channels: [8, 8, 8], groups: 4, attention: false },
      language: {
        ...config.language,
        width: 16,
        heads: 2,
        keyValueHeads: 1,
        feedForward: 16,
        layers: 1,
        stepsBefore: 1,
        batchSize: 2,
      },
      training: { ...config.training, batchSize: 2, samplePictures: 2 },
    }
  }

  it('a plan says what a run takes, and trains nothing', async () => {
    const { code, stdout, stderr } = await run('plan', file('small.json', small()), '--json')
    expect([code, stderr]).toEqual([0, ''])
    const plan = JSON.parse(stdout)
    expect(plan).toMatchObject({
      name: 'small',
      runs: 1,
      problems: [],
      preflight: { codeWidth: 16, tokensPerPicture: 80 },
    })
    expect(readdirSync(join(home, 'runs'))).toEqual([])
  })

  it('a run trains to its bounded end and is listed', async () => {
    const trained = await run('train', file('small.json', small()), '--max-steps', '2', '--json')
    expect(trained.code, trained.stderr).toBe(0)
    const { runs } = JSON.parse(trained.stdout)
    expect(runs).toHaveLength(1)
    expect(runs[0]).toMatchObject({ name: 'small', state: 'finished', step: 2, steps: 2 })
    expect(trained.stderr).toMatch(/finished at step 2 of 2/)
    id = runs[0].id
    const listed = await run('runs', 'list')
    expect(listed.stdout).toContain(id)
    expect(listed.stdout).toContain('finished')
  }, 60_000)

  it('pictures become code maps, and code maps become pictures', async () => {
    writeFileSync(join(pictures(), 'torn.png'), 'not a picture')
    const printed = await run('tokenize', id, pictures(), '--json')
    expect(printed.code, printed.stderr).toBe(0)
    const maps = JSON.parse(printed.stdout)
    expect(maps.pictures).toHaveLength(12)
    expect(maps.layers.map(({ side }: { side: number }) => side)).toEqual([4, 8])
    expect(maps.layers[1].codes[11]).toHaveLength(64)
    expect(maps.tokens.length).toBeGreaterThan(5)
    expect(maps.unreadable).toMatchObject([{ file: 'torn.png' }])
    expect(printed.stderr).toContain('torn.png')

    const codes = join(folder, 'codes')
    expect((await run('tokenize', id, join(pictures(), 'square 3.png'), '--out', codes)).code).toBe(0)
    const fine = decodeNpy(readFileSync(join(codes, 'codes.1.npy')))
    expect(fine.shape).toEqual([1, 8, 8])
    const at = maps.pictures.indexOf('square 3.png')
    expect([...fine.data]).toEqual(maps.layers[1].codes[at])

    const out = join(folder, 'out')
    expect((await run('reconstruct', id, join(pictures(), 'square 3.png'), '--out', out)).code).toBe(0)
    expect((await run('reconstruct', id, '--codes', codes, '--out', out)).code).toBe(0)
    const [fromPicture, fromCodes] = await Promise.all(
      ['square 3.png', 'picture-0.png'].map((name) => sharp(join(out, name)).raw().toBuffer()),
    )
    expect(fromPicture?.length).toBe(32 * 32 * 3)
    expect(fromCodes).toEqual(fromPicture)

    const again = await run('reconstruct', id, '--codes', codes, '--out', out)
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('overwrite it with --force')])
  }, 60_000)

  it('metrics, sample code maps and the tokenizer are exported, and the exported encoder gives the same codes', async () => {
    const target = (name: string) => join(folder, 'export', name)
    const exported = await run(
      'export',
      id,
      '--metrics',
      target('m.csv'),
      '--codes',
      target('c.json'),
      '--onnx',
      target('onnx'),
    )
    expect(exported.code, exported.stderr).toBe(0)
    const [header = '', ...rows] = readFileSync(target('m.csv'), 'utf8').trim().split('\n')
    expect(header).toMatch(/^step,seconds,.*loss\.reconstruction/)
    expect(rows.map((row) => row.split(',')[0])).toEqual(['0', '1', '2'])
    expect(JSON.parse(readFileSync(target('c.json'), 'utf8')).pictures).toHaveLength(2)

    const path = join(pictures(), 'square 5.png')
    const pixels = await sharp(path).resize(32, 32, { fit: 'cover', kernel: 'lanczos3' }).raw().toBuffer()
    const readme = readFileSync(target('onnx/README.md'), 'utf8')
    expect(readme.match(/^## .*/gm)).toEqual(['## encoder.onnx', '## decoder.onnx'])
    expect(readme).toContain('| input | `images` | float32 | [1, 32, 32, 3] | -1 to 1 |')
    expect(readme).toContain('| output | `codes.1` | int32 | [1, 8, 8] |')
    const images = new ort.Tensor(
      'float32',
      Float32Array.from(pixels, (value) => value / 127.5 - 1),
      [1, 32, 32, 3],
    )
    const printed = JSON.parse((await run('tokenize', id, path, '--json')).stdout)
    const expectCodes = async () => {
      const session = await ort.InferenceSession.create(target('onnx/encoder.onnx'))
      const output = await session.run({ images })
      await session.release()
      expect([...(output['codes.1'] as ort.TypedTensor<'int32'>).data]).toEqual(printed.layers[1].codes[0])
    }
    await expectCodes()

    const again = ['export', id, '--onnx', target('onnx'), '--external', '--json']
    expect((await run(...again)).stderr).toContain('overwrite it with --force')
    const { files } = JSON.parse((await run(...again, '--force')).stdout)
    const written = ['encoder.onnx.data', 'encoder.onnx', 'decoder.onnx.data', 'decoder.onnx', 'README.md']
    expect(files).toEqual(written.map((name) => target(`onnx/${name}`)))
    expect(statSync(target('onnx/encoder.onnx')).size).toBeLessThan(statSync(target('onnx/encoder.onnx.data')).size)
    await expectCodes()
  }, 60_000)

  it('a clone trains with the changed setting, and a removed run is gone', async () => {
    const cloned = await run('runs', 'clone', id, '--set', 'codebook.paradigm=frozen', '--json')
    expect(cloned.code, cloned.stderr).toBe(0)
    const [clone] = JSON.parse(cloned.stdout).runs
    expect(clone).toMatchObject({ paradigm: 'frozen', parentId: id, state: 'finished' })
    expect((await run('runs', 'remove', clone.id)).code).toBe(0)
    expect(existsSync(join(home, 'runs', clone.id))).toBe(false)
    expect((await run('runs', 'resume', id)).stderr).toContain('finished')
  }, 60_000)

  it('Ctrl-C pauses a run and says how to resume it; another command stops it again while the home is held', async () => {
    const long = { ...small(), name: 'long', training: { ...small().training, steps: 100_000 } }
    const training = begin('train', file('long.json', long))
    const [, id = ''] = await training.said(/▸ long \((\S+)\)/)
    expect((await run('runs', 'list')).stderr).toMatch(/in use by process \d+ .* --home/)
    training.process.kill('SIGINT')
    const paused = await training.ended
    expect(paused.code, paused.stderr).toBe(130)
    expect(paused.stderr).toContain(`Resume with: unicode-workbench runs resume ${id}\n`)
    expect(paused.stdout).toMatch(/paused/)

    const resumed = begin('runs', 'resume', id, '--json')
    await resumed.said(/▸ long/)
    const stopped = await run('runs', 'stop', id, '--json')
    expect(stopped.code, stopped.stderr).toBe(0)
    expect(JSON.parse(stopped.stdout).runs).toMatchObject([{ id, state: 'stopped' }])
    const { code, stdout } = await resumed.ended
    expect(code).toBe(1)
    expect(JSON.parse(stdout).runs).toMatchObject([{ id, state: 'stopped' }])
  }, 90_000)
})
