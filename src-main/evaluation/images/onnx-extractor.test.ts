import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { OnnxBuilder } from '../../engine/onnx-builder.ts'
import { randomFloats } from '../../engine/testing/programs.ts'
import { openClipText } from './clip-text.ts'
import { clip, halfPixel, plain, tf1 } from './input-conventions.ts'
import { openOnnxExtractor } from './onnx-extractor.ts'

const folder = mkdtempSync(join(tmpdir(), 'extractor-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const write = (name: string, builder: OnnxBuilder): string => {
  const path = join(folder, `${name}.onnx`)
  writeFileSync(path, builder.encode(name))
  return path
}
/** A network whose outputs are means over the picture of so many mixtures of its channels. */
function means(
  name: string,
  outputs: Record<string, number>,
  batch = 2,
  side = 6,
  change?: (builder: OnnxBuilder) => void,
) {
  const builder = new OnnxBuilder()
  builder.input('pixel_values', [batch, 3, side, side], 'float32')
  change?.(builder)
  for (const [output, count] of Object.entries(outputs)) {
    const weights = builder.constant(weightsOf(count), [count, 3, 1, 1], 'float32')
    const pooled = builder.op('GlobalAveragePool', [builder.op('Conv', ['pixel_values', weights])])
    builder.output(output, pooled, [batch, count, 1, 1], 'float32')
  }
  return write(name, builder)
}
const weightsOf = (count: number) => randomFloats(count, [count, 3]).data as Float32Array
/** A picture of one colour, of any size. */
const coloured = (width: number, height: number, ...colour: number[]) => ({
  width,
  height,
  channels: 3,
  data: Uint8Array.from({ length: width * height * 3 }, (_, at) => colour[at % 3] as number),
})

describe('a feature extractor out of an ONNX file', () => {
  it('gives features and logits of pictures of any size, whatever batch the file has', async () => {
    const path = means('inception', { logits: 1008, pool3: 2048 })
    const extractor = await openOnnxExtractor('inception', path, { threads: 1 })
    expect(extractor).toMatchObject({ distance: 'FID', width: 2048, classes: 1008, batch: 2 })
    expect(extractor.source).toEqual({
      name: 'Inception v3 (FID port)',
      file: path,
      sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
    })
    expect(extractor.resize).toContain('without half-pixel centres to 6 × 6 px')
    const { features, logits } = await extractor.run([extractor.prepare(coloured(9, 4, 0, 128, 255))])
    expect([features.length, logits.length]).toEqual([2048, 1008])
    // The FID graph's range: (v − 128) / 128.
    const [r, g, b] = [-1, 0, 127 / 128]
    const weights = weightsOf(2048)
    for (const at of [0, 1, 2047])
      expect(features[at]).toBeCloseTo(
        (weights[3 * at] as number) * r + (weights[3 * at + 1] as number) * g + (weights[3 * at + 2] as number) * b,
        5,
      )
    await extractor.dispose()
  })

  it('says so where another resizing is used than the network’s own', async () => {
    const path = means('own', { pool3: 2048 })
    const extractor = await openOnnxExtractor('inception', path, { threads: 1, convention: halfPixel })
    expect(extractor.classes).toBe(0)
    expect(extractor.warnings.join(' ')).toContain('prepared by "half-pixel" and not by the network\'s own "tf1"')
    await extractor.dispose()
    const other = await openOnnxExtractor('mine', means('mine', { out: 5 }), { threads: 1 })
    expect(other).toMatchObject({ distance: 'FD-mine', width: 5, warnings: [] })
    await other.dispose()
  })

  it('names what a file lacks', async () => {
    const opened = (path: string, kind = 'inception') => openOnnxExtractor(kind, path, { threads: 1 })
    await expect(opened(join(folder, 'none.onnx'))).rejects.toThrow('there is no file')
    const broken = join(folder, 'broken.onnx')
    writeFileSync(broken, 'no model')
    await expect(opened(broken)).rejects.toThrow('cannot be opened as an ONNX model')
    await expect(opened(means('narrow', { out: 7 }))).rejects.toThrow(
      'narrow.onnx has no output of 2048 features a picture, which Inception v3 (FID port) gives; it has out of 7',
    )
    const text = new OnnxBuilder()
    text.input('ids', [1, 3], 'int32')
    text.output('out', text.op('Identity', ['ids']), [1, 3], 'int32')
    await expect(opened(write('text', text))).rejects.toThrow('text.onnx has no input for pictures')
    const more = means('more', { out: 4 }, 1, 6, (builder) => builder.input('scale', [1], 'float32'))
    await expect(opened(more, 'mine')).rejects.toThrow('wants an input scale of type float32')
  })
})

describe('CLIP’s text side', () => {
  it('gets begin, at most 75 tokens and end, and says what was cut', async () => {
    const builder = new OnnxBuilder()
    builder.input('input_ids', [1, 77], 'int32')
    const asFloats = builder.op('Cast', ['input_ids'], { to: 1 })
    builder.output('text_embeds', asFloats, [1, 77], 'float32')
    const tokens = { encode: (text: string) => [...text].map(Number), begin: 100, end: 101 }
    const text = await openClipText(write('clip-text', builder), tokens, 1)
    const short = await text.embed('123')
    expect([...short.embedding.subarray(0, 6)]).toEqual([100, 1, 2, 3, 101, 0])
    expect(short.cut).toBe(false)
    const long = await text.embed('7'.repeat(80))
    expect([...long.embedding.subarray(74)]).toEqual([7, 7, 101])
    expect(long.cut).toBe(true)
    await text.dispose()
    const pictures = means('pictures', { image_embeds: 4 })
    await expect(openClipText(pictures, tokens, 1)).rejects.toThrow('no input of whole numbers for the tokens')
  })
})

describe('what networks take of a picture', () => {
  it.each([
    ['tf1', tf1, [-1, 0, 127 / 128]],
    ['half-pixel', halfPixel, [-1, 128 / 127.5 - 1, 1]],
    ['plain', plain, [0, 128 / 255, 1]],
    ['clip', clip, [-0.48145466 / 0.26862954, (128 / 255 - 0.4578275) / 0.26130258, (1 - 0.40821073) / 0.27577711]],
  ])('is %s’s range of values, of a picture of one colour whatever its size', (_, convention, want) => {
    for (const [width, height] of [
      [40, 17],
      [3, 5],
      [8, 8],
    ] as const) {
      const got = convention.prepare(coloured(width, height, 0, 128, 255), 8)
      expect(got).toHaveLength(8 * 8 * 3)
      for (const [at, value] of got.entries()) expect(value).toBeCloseTo(want[at % 3] as number, 5)
    }
  })

  it('is the middle of a long picture for CLIP, and all of it for the others', () => {
    // Black, white, black, each a third.
    const picture = coloured(24, 8, 0, 0, 0)
    for (let y = 0; y < 8; y++) picture.data.fill(255, (y * 24 + 8) * 3, (y * 24 + 16) * 3)
    const lightest = (values: Float32Array) => Math.min(...values)
    expect(lightest(clip.prepare(picture, 8))).toBeGreaterThan(1)
    expect(lightest(plain.prepare(picture, 8))).toBe(0)
  })
})
