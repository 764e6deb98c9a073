import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plainPngs, putFiles } from '../../../test/fakes/picture-files.ts'
import { commandLine } from '../../../test/fixtures/command-line.ts'
import { tinyPriorConfig, trainTinyRun } from '../../../test/fixtures/tiny-stage-two-run.ts'

/** Commands that ask what a run trained, over two tiny runs: one that reads and paints, and one with a prior. */

let home: string
const run = commandLine(() => home)
const done = async (...words: string[]) => {
  const said = await run([...words, '--json'])
  expect(said.code, said.err).toBe(0)
  return JSON.parse(said.out)
}
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'workbench-asked-'))
  await trainTinyRun(home, 'speaks')
  await trainTinyRun(home, 'prior', tinyPriorConfig())
  await putFiles(home, { 'shown.png': (await plainPngs(1))[0] as Buffer })
}, 120_000)
afterAll(() => rmSync(home, { recursive: true, force: true }))

const layersOf = (path: string) =>
  JSON.parse(readFileSync(path, 'utf8')).layers as { side: number; codes: number[][] }[]
const at = (name: string): string => join(home, name)

describe('asking a language model', { timeout: 120_000 }, () => {
  it('paints pictures with their codes', async () => {
    const { pictures, codes } = await done(
      'generate',
      'speaks',
      'Draw an apple.',
      '--count',
      '2',
      '--out',
      at('apples'),
    )
    expect(pictures).toEqual([at('apples/draw-an-apple-1.png'), at('apples/draw-an-apple-2.png')])
    for (const file of pictures) expect(readFileSync(file).subarray(1, 4).toString()).toBe('PNG')
    expect(layersOf(codes).map(({ side, codes: maps }) => [side, maps.length])).toEqual([
      [2, 2],
      [4, 2],
    ])
  })

  it('answers a question about a picture', async () => {
    const words = ['chat', 'speaks', at('shown.png'), '--question', 'What is this?', '--tokens', '4']
    expect(await done(...words)).toMatchObject({ run: 'speaks', step: 7, answer: expect.any(String) })
  })

  it('has its held-out dialogues written in the official formats, with their pictures', async () => {
    const words = ['dialogues', at('runs/speaks/config.json'), '--out', at('dialogues'), '--limit', '3']
    expect(await done(...words)).toEqual({ folder: at('dialogues'), side: 'heldOut', limit: 3 })
    const dialogues = JSON.parse(readFileSync(at('dialogues/dialogues.json'), 'utf8'))
    // Of its tasks, naming alone asks about pictures.
    expect(dialogues).toHaveLength(3)
    for (const { image, conversations } of dialogues) {
      expect(conversations.map(({ from }: { from: string }) => from)).toEqual(['human', 'gpt'])
      expect(conversations[0].value).toMatch(/^<image>\n/)
      expect(existsSync(join(at('dialogues/images'), image))).toBe(true)
    }
    expect(await run(words)).toMatchObject({ code: 2, err: expect.stringContaining('--force') })
  })

  it('refuses what it cannot be asked', async () => {
    expect(await run(['generate', 'speaks'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('say what to paint'),
    })
    const batch = await run(['generate', 'speaks', 'x', '--batch', '2'])
    expect(batch).toMatchObject({ code: 2, err: expect.stringContaining('--batch is for priors') })
  })
})

describe('asking a prior', { timeout: 120_000 }, () => {
  it('paints pictures of a class and of none, the same ones from one seed, as many side by side as it is told', async () => {
    const words = ['generate', 'prior', 'objects', '--count', '3', '--seed', '4', '--guidance', '1.5', '--top-k', '20']
    const { pictures, codes, step } = await done(...words, '--batch', '2', '--out', at('objects'))
    expect(step).toBe(6)
    expect(pictures).toHaveLength(3)
    const [coarse, fine] = layersOf(codes)
    expect([coarse?.side, fine?.side, fine?.codes[2]?.length]).toEqual([2, 4, 16])
    const again = await done(...words, '--batch', '2', '--out', at('objects-again'))
    expect(layersOf(again.codes)).toEqual(layersOf(codes))
    const other = await done('generate', 'prior', '--seed', '5', '--temperature', '0', '--out', at('none'))
    expect(other.pictures).toEqual([at('none/picture-1.png')])
    const decoded = await done('reconstruct', 'prior', '--codes', codes, '--out', at('decoded'))
    expect(readFileSync(decoded.reconstructions[1].file)).toEqual(readFileSync(pictures[1]))
  })

  it('says what it cannot do, and which classes it knows', async () => {
    const unknown = await run(['generate', 'prior', 'dragons', '--out', at('dragons')])
    expect(unknown).toMatchObject({ code: 2, err: expect.stringMatching(/no class "dragons"\n.*objects/) })
    const aimless = await run(['generate', 'prior', '--guidance', '2', '--out', at('dragons')])
    expect(aimless).toMatchObject({ code: 2, err: expect.stringContaining('none is asked for') })
    expect(existsSync(at('dragons'))).toBe(false)
    const chat = await run(['chat', 'prior', '--question', 'What?'])
    expect(chat).toMatchObject({ code: 2, err: expect.stringContaining('has a prior and no Stage II') })
  })
})

describe('evaluating a run', { timeout: 120_000 }, () => {
  it('measures its codebook on the pictures that it holds out', async () => {
    const { cards, notMeasured, step } = await done(
      'evaluate',
      'speaks',
      '--codebook',
      '--pictures',
      '4',
      '--batch',
      '2',
    )
    expect(step).toBe(7)
    const metrics = cards.map(({ metric }: { metric: string }) => metric)
    for (const metric of [
      'Codes used, layer 1',
      'EMA hits, layer 0',
      'Rank of the own row, median',
      'Zipf slope, text',
    ])
      expect(metrics).toContain(metric)
    expect(cards[0]).toMatchObject({ count: 4, source: 'HQ-VAE, SEED-Voken' })
    expect(notMeasured.at(-1).what).toBe('Perplexity of codes read as text')
    expect(await run(['evaluate', 'speaks'])).toMatchObject({ code: 2, err: expect.stringContaining('--codebook') })
  })
})
