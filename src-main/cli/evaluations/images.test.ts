import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataSchema } from '../../../src-shared/config.ts'
import { metricCardSchema } from '../../../src-shared/metric-card.ts'
import { smallConfig } from '../../../test/fakes/small-config.ts'
import { commandLine } from '../../../test/fixtures/command-line.ts'
import { readStatisticsFile } from '../../evaluation/images/statistics-file.ts'

let folder: string
const at = (...names: string[]) => join(folder, ...names)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-evaluate-'))
  for (const [name, count, red] of [
    ['a', 6, 200],
    ['b', 6, 90],
  ] as const) {
    mkdirSync(at(name))
    for (let index = 0; index < count; index++)
      await sharp({ create: { width: 16, height: 16, channels: 3, background: { r: red, g: 40 * index, b: 10 } } })
        .png()
        .toFile(at(name, `${index}.png`))
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const asked = commandLine(() => at('home'))
const run = (...words: string[]) => asked(['evaluate', ...words])

describe('evaluate --images', () => {
  it('prints the cards of pairs as one document, and the same as a table', async () => {
    const pairs = ['--images', at('a'), '--reference', at('b'), '--as', 'reconstructions', '--metrics', 'l1,psnr,ssim']
    const { code, out } = await run(...pairs, '--json')
    expect(code).toBe(0)
    const { cards } = JSON.parse(out) as { cards: unknown[] }
    const [psnr, ssim, l1] = cards.map((card) => metricCardSchema.parse(card))
    expect([psnr?.metric, ssim?.metric, l1?.metric]).toEqual(['PSNR', 'SSIM', 'L1'])
    // Red differs by 110, the two other channels by nothing.
    expect(l1?.value).toBeCloseTo(110 / 3 / 255, 9)
    expect(psnr?.value).toBeCloseTo(10 * Math.log10((3 * 255 ** 2) / 110 ** 2), 9)
    const text = await run(...pairs)
    expect(text.out).toMatch(/^metric .*\n─+.*\nPSNR +12\.0[67]/)
    expect(text.out).toContain('Definition: Mean over pairs of 10 log10')
    expect(text.err).toContain('pairs 6/6')
  })

  it('scores by the packaged network, keeps the reference’s statistics and writes those asked for', async () => {
    const words = ['--images', at('a'), '--reference', at('b'), '--metrics', 'fd', '--threads', '1']
    const { code, out, err } = await run(...words, '--save-statistics', at('a.npz'), '--json')
    expect([code, err]).toEqual([0, expect.stringContaining('reference pictures 6/6')])
    const [card] = (JSON.parse(out) as { cards: unknown[] }).cards.map((card) => metricCardSchema.parse(card))
    expect(card).toMatchObject({ metric: 'FD-MobileNetV2', count: 6, extractor: { name: 'MobileNetV2' } })
    expect(card?.value).toBeGreaterThan(0)
    expect(readdirSync(at('home', 'cache', 'statistics'))).toHaveLength(1)
    expect(readStatisticsFile(readFileSync(at('a.npz')), 'a.npz').statistics.count).toBe(6)
    const again = await run('--images', at('b'), '--reference', at('a.npz'), '--metrics', 'fd', '--json')
    expect(again.err).not.toContain('reference pictures')
    const [turned] = (JSON.parse(again.out) as { cards: { value: number }[] }).cards
    expect(turned?.value).toBeCloseTo(card?.value as number, 4)
    const refused = await run(...words, '--save-statistics', at('a.npz'))
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('overwrite it with --force')])
  }, 60_000)

  it('compares reconstructions with the held-out pictures of a run, and samples with either side', async () => {
    const pictures = at('pictures')
    mkdirSync(pictures)
    for (let index = 0; index < 12; index++)
      await sharp({ create: { width: 40, height: 40, channels: 3, background: { r: 20 * index, g: 90, b: 200 } } })
        .png()
        .toFile(join(pictures, `${index}.png`))
    const id = '20260101-120000-aaaaaa'
    const directory = at('home', 'runs', id)
    const data = { source: { kind: 'folder', path: pictures }, resolution: 32, heldOut: 0.5, splitSeed: 0, limit: 0 }
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, 'config.json'), JSON.stringify(smallConfig({ data: dataSchema.parse(data) })))
    writeFileSync(join(directory, 'events.ndjson'), '')
    const of = async (...words: string[]) => {
      const { code, out, err } = await run('--images', pictures, '--size', '32', '--reference', id, '--json', ...words)
      expect(code, err).toBe(0)
      return (JSON.parse(out) as { cards: unknown[] }).cards.map((card) => metricCardSchema.parse(card))
    }
    const sides: number[] = []
    for (const split of ['held-out', 'training']) {
      const [fd] = await of('--split', split, '--metrics', 'fd')
      expect(fd?.count).toBe(12)
      const [, count] =
        new RegExp(`^${split} pictures of run ${id} .*, (\\d+) pictures, sha256`).exec(fd?.reference ?? '') ?? []
      sides.push(Number(count))
    }
    expect(sides).toEqual([5, 7])
    // Only the held-out ones have partners among all that lie in the folder.
    const partners = await run('--images', pictures, '--size', '32', '--reference', id, '--as', 'reconstructions')
    expect([partners.code, partners.err]).toEqual([2, expect.stringContaining('7 pictures of')])
    expect((await run('--images', pictures, '--reference', directory, '--metrics', 'fd', '--size', '32')).code).toBe(0)
  }, 120_000)

  it('refuses what it cannot use with exit code 2, and says what to give', async () => {
    const refused = async (words: string[], why: string) => {
      const { code, err } = await run(...words)
      expect(err).toContain(why)
      expect(code).toBe(2)
    }
    await refused([], 'give what is to be scored: --images FOLDER')
    await refused(['--images', at('none'), '--reference', at('b')], 'there is no folder')
    await refused(['--images', at('a'), '--reference', at('none')], 'is no folder of pictures, no .npz file')
    await refused(['--images', at('a'), '--metrics', 'fid'], 'there is no metric "fid"; did you mean')
    await refused(['--images', at('a'), '--metrics', 'fd'], '"fd" needs something to compare with, --reference')
    await refused(['--images', at('a'), '--extractor', 'inception'], 'inception=FILE.onnx')
    await refused(['--images', at('a'), '--extractor', `x=${at('x.onnx')}`], 'there is no file')
    await refused(['--images', at('a'), '--resize', 'nearest'], '--resize nearest is not known')
    await refused(['--images', at('a'), '--clip-text', 'x.onnx'], 'needs both --clip-text and --clip-tokenizer')
    writeFileSync(at('broken.npz'), 'this is not an archive, whatever its name says')
    await refused(['--images', at('a'), '--reference', at('broken.npz')], 'broken.npz holds no statistics')
    mkdirSync(at('empty'), { recursive: true })
    await refused(['--images', at('empty'), '--reference', at('b')], 'no pictures in')
  }, 60_000)

  it('stops at Ctrl-C with exit code 130 and writes nothing', async () => {
    const running = run(
      '--images',
      at('a'),
      '--reference',
      at('b'),
      '--metrics',
      'fd',
      '--save-statistics',
      at('no.npz'),
    )
    while (process.listenerCount('SIGINT') === 0) await delay(1)
    process.emit('SIGINT')
    const { code, err } = await running
    expect(code).toBe(130)
    expect(err).toContain('Stopping.')
    expect(existsSync(at('no.npz'))).toBe(false)
    expect(process.listenerCount('SIGINT')).toBe(0)
  }, 60_000)
})
