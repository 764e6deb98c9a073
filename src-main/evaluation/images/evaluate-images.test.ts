import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { metricCardSchema } from '../../../src-shared/metric-card.ts'
import { uniformSource } from '../../engine/testing/programs.ts'
import { evaluateImages, type ImageEvaluation } from './evaluate-images.ts'
import type { Extractor } from './extractor.ts'
import { openFolderGallery } from './gallery.ts'
import { exactProducts } from './products.ts'
import { writeStatisticsFile } from './statistics-file.ts'

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'evaluate-images-'))
  const next = uniformSource(1)
  for (const [name, count, lift] of [
    ['originals', 24, 0],
    ['samples', 30, 20],
  ] as const) {
    mkdirSync(join(folder, name, 'deep'), { recursive: true })
    for (let at = 0; at < count; at++)
      await png(join(name, at % 2 ? 'deep' : '', `picture ${at}.png`), 12, (value) => value + lift, next)
  }
  mkdirSync(join(folder, 'painted', 'deep'), { recursive: true })
  for (let at = 0; at < 24; at++) {
    const place = join(at % 2 ? 'deep' : '', `picture ${at}`)
    // Another format, so that names match without their endings.
    await sharp(join(folder, 'originals', `${place}.png`))
      .blur(0.8)
      .webp({ lossless: true })
      .toFile(join(folder, 'painted', `${place}.webp`))
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function png(name: string, side: number, change: (value: number) => number, next: () => number): Promise<void> {
  const colour = [next(), next(), next()]
  const data = Uint8Array.from({ length: side * side * 3 }, (_, at) =>
    change(150 * (colour[at % 3] as number) + 80 * next()),
  )
  await sharp(data, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toFile(join(folder, name))
}

/** Mean, contrast and first value of each channel: six features, and three logits. */
const toy = (change: (features: number[], call: number) => number[] = (features) => features): Extractor => {
  let call = 0
  return {
    source: { name: 'toy', file: 'toy.onnx', sha256: 'abc' },
    ...{ distance: 'FD-toy', width: 6, classes: 3, batch: 4, resize: 'as they are', warnings: ['only a toy'] },
    prepare: ({ data }) => Float32Array.from(data),
    async run(prepared) {
      const features = prepared.flatMap((values) => {
        const of = (channel: number) => values.filter((_, at) => at % 3 === channel)
        const means = [0, 1, 2].map(
          (channel) => of(channel).reduce((sum, value) => sum + value, 0) / (values.length / 3),
        )
        return change([...means, ...values.subarray(0, 3)], call++)
      })
      const logits = prepared.flatMap((values) => [...values.subarray(0, 3)].map((value) => value / 50))
      return { features: Float32Array.from(features), logits: Float32Array.from(logits) }
    },
    dispose: async () => {},
  }
}

async function evaluation(
  images: string,
  reference: string | null,
  more: Partial<ImageEvaluation> = {},
): Promise<ImageEvaluation> {
  const shelf = new Map<string, Uint8Array>()
  return {
    images: await openFolderGallery(join(folder, images), null),
    reference:
      reference === null ? null : { kind: 'pictures', gallery: await openFolderGallery(join(folder, reference), null) },
    role: 'samples',
    extractors: [toy()],
    metrics: null,
    seed: 0,
    products: exactProducts,
    lpips: null,
    captions: null,
    shelf: {
      read: (key) => shelf.get(key) ?? null,
      write: (key, parts) => void shelf.set(key, new Uint8Array(Buffer.concat(parts))),
    },
    wantsStatistics: false,
    watch: { onProgress: () => {}, signal: new AbortController().signal },
    ...more,
  }
}
const named = async (given: ImageEvaluation) =>
  Object.fromEntries((await evaluateImages(given)).cards.map((card) => [card.metric, card]))

describe('the evaluation of a folder of pictures', () => {
  it('hands out a whole card for each figure that is possible', async () => {
    const { cards } = await evaluateImages(await evaluation('samples', 'originals'))
    for (const card of cards) expect(metricCardSchema.parse(JSON.parse(JSON.stringify(card)))).toEqual(card)
    expect(cards.map(({ metric }) => metric)).toEqual(['FD-toy', 'KD-toy', 'precision', 'recall', 'class score (toy)'])
    const [distance] = cards
    expect(distance).toMatchObject({
      ...{ count: 30, extractor: { name: 'toy', sha256: 'abc' }, resize: 'as they are' },
      interval: { method: expect.stringContaining('jackknife') },
    })
    expect(distance?.definition).toContain('It is not FID')
    expect(distance?.reference).toMatch(/originals, 24 pictures, sha256 [\da-f]{64}/)
    expect(distance?.warnings).toContain('only a toy')
  })

  it('gives pictures against themselves a distance of 0, and reads a reference once', async () => {
    let calls = 0
    const given = await evaluation('originals', 'originals', { metrics: ['fd'] })
    const counting = toy((features) => {
      calls++
      return features
    })
    const first = await named({ ...given, extractors: [counting] })
    expect(first['FD-toy']?.value).toBeLessThan(1e-8)
    expect(calls).toBe(48)
    const again = await named({ ...given, extractors: [counting] })
    expect(calls).toBe(72)
    expect(again).toEqual(first)
  })

  it('takes statistics of its own making as the reference, and refuses those of another extractor', async () => {
    const { statistics } = await evaluateImages(await evaluation('originals', null, { metrics: ['is'] }))
    const bytes = new Uint8Array(Buffer.concat(writeStatisticsFile(statistics as NonNullable<typeof statistics>)))
    const reference = { kind: 'statistics', path: 'o.npz', bytes } as const
    const by = async (given: Partial<ImageEvaluation>) =>
      named(await evaluation('samples', null, { reference, ...given }))
    const pictures = await named(await evaluation('samples', 'originals', { metrics: ['fd'] }))
    const file = await by({ metrics: ['fd'] })
    expect(file['FD-toy']?.value).toBeCloseTo(pictures['FD-toy']?.value as number, 8)
    await expect(by({ extractors: [{ ...toy(), resize: 'otherwise' }] })).rejects.toThrow('the two cannot be compared')
    await expect(by({ extractors: [{ ...toy(), width: 5 }] })).rejects.toThrow('6 features and toy gives 5')
  })

  it('measures reconstructions pair by pair, by names without endings', async () => {
    const cards = await named(await evaluation('painted', 'originals', { role: 'reconstructions' }))
    expect(Object.keys(cards)).toEqual(expect.arrayContaining(['PSNR', 'SSIM', 'L1', 'MSE', 'FD-toy']))
    expect(cards.PSNR).toMatchObject({
      count: 24,
      extractor: null,
      interval: { method: expect.stringContaining('pairs') },
    })
    const psnr = cards.PSNR?.value as number
    expect(psnr).toBeGreaterThan(-10 * Math.log10(cards.MSE?.value as number) - 1)
    const same = await named(
      await evaluation('originals', 'originals', { role: 'reconstructions', metrics: ['psnr', 'ssim'] }),
    )
    expect(same.PSNR).toMatchObject({ value: 'Infinity', interval: null })
    expect(same.SSIM?.value).toBeCloseTo(1, 12)
  })

  it('says on the card what could not be read, and that pictures are fewer than features', async () => {
    mkdirSync(join(folder, 'torn'))
    writeFileSync(join(folder, 'torn', 'broken.png'), 'no picture')
    for (const at of [0, 2, 4])
      await sharp(join(folder, 'originals', `picture ${at}.png`)).toFile(join(folder, 'torn', `${at}.png`))
    const { cards, unreadable } = await evaluateImages(await evaluation('torn', 'originals', { metrics: ['fd'] }))
    expect(unreadable.map(({ file }) => file)).toEqual(['broken'])
    expect(cards[0]).toMatchObject({ count: 3, interval: null, bias: 'Not estimated: fewer than 20 pictures.' })
    const warnings = cards[0]?.warnings.join(' ')
    expect(warnings).toContain('1 of 4 pictures could not be read; the first: broken')
    expect(warnings).toContain('3 measured pictures are fewer than needed for the 6 features')
  })

  it('stops at features that are no numbers, naming the picture', async () => {
    const broken = toy((features, call) => (call === 24 + 3 ? [Number.NaN, ...features.slice(1)] : features))
    await expect(evaluateImages(await evaluation('samples', 'originals', { extractors: [broken] }))).rejects.toThrow(
      /feature 0 of picture ".*picture \d+" is NaN/,
    )
  })

  it('names what a metric lacks, pictures without partners, and pairs of other sizes', async () => {
    const run = async (images: string, reference: string | null, more: Partial<ImageEvaluation>) =>
      evaluateImages(await evaluation(images, reference, more))
    await expect(run('samples', null, { metrics: ['fd'] })).rejects.toThrow('"fd" needs something to compare with')
    await expect(run('samples', null, { metrics: ['clip'] })).rejects.toThrow('"clip" needs CLIP')
    await expect(run('samples', 'originals', { metrics: ['psnr'] })).rejects.toThrow('--as reconstructions')
    const pairs = { role: 'reconstructions', metrics: ['mse'] } as const
    await expect(run('samples', 'originals', pairs)).rejects.toThrow('6 pictures of folder')
    await expect(run('painted', 'originals', { ...pairs, metrics: ['lpips'] })).rejects.toThrow(
      '"lpips" needs its weights',
    )
    for (const [name, side] of [
      ['large', 12],
      ['small', 8],
    ] as const) {
      mkdirSync(join(folder, name))
      await png(join(name, 'a.png'), side, (value) => value, uniformSource(2))
    }
    await expect(run('small', 'large', pairs)).rejects.toThrow('"a" is 8 × 8 px')
    mkdirSync(join(folder, 'empty'))
    await expect(evaluation('empty', null)).rejects.toThrow('no pictures in')
    await expect(run('large', 'originals', { metrics: ['fd'] })).rejects.toThrow('1 feature vectors')
  })

  it('ends when it is asked to', async () => {
    const stop = new AbortController()
    const watch = { signal: stop.signal, onProgress: (done: number) => void (done >= 8 && stop.abort()) }
    const given = await evaluation('samples', 'originals', { watch })
    await expect(evaluateImages(given)).rejects.toThrow('the evaluation was stopped')
  })
})
