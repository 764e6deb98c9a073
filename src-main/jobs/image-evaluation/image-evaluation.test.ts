import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { decodeSafetensors, type StoredTensor } from '../../../src-shared/safetensors.ts'
import { onnxRuntime } from '../../engine/runtimes/onnx.ts'
import type { Gallery } from '../../evaluation/images/gallery.ts'
import { readCaptions, readClipTokens } from './captions.ts'
import { lpipsPairs } from './lpips-pairs.ts'
import { statisticsShelf } from './statistics-shelf.ts'

const folder = mkdtempSync(join(tmpdir(), 'image-evaluation-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const write = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

describe('the shelf of statistics', () => {
  it('gives back what was put there, and lets go what was unused for longest', () => {
    const place = join(folder, 'shelf')
    const shelf = statisticsShelf(place)
    expect(shelf.read('none')).toBeNull()
    for (let at = 0; at < 16; at++) {
      shelf.write(`key ${at}`, [Uint8Array.of(at), Uint8Array.of(1)])
      utimesSync(join(place, `key ${at}.npz`), at, at)
    }
    // Reading is using: the oldest becomes the newest.
    expect([...(shelf.read('key 0') as Uint8Array)]).toEqual([0, 1])
    shelf.write('another', [Uint8Array.of(9)])
    expect(readdirSync(place)).toHaveLength(16)
    expect(shelf.read('key 0')).not.toBeNull()
    expect(shelf.read('key 1')).toBeNull()
  })
})

describe('captions of pictures', () => {
  const gallery = { names: ['a', 'deep/b', 'v1.5'] } as unknown as Gallery

  it('come from a JSON file, by names with or without endings', async () => {
    const file = write('captions.json', JSON.stringify({ 'a.png': 'an apple', 'deep/b': 'a bee', 'v1.5': 'a version' }))
    const captions = await readCaptions(folder, gallery, file)
    expect(gallery.names.map(captions.of)).toEqual(['an apple', 'a bee', 'a version'])
    expect(captions.words).toBe('captions captions.json')
  })

  it('or from the text files beside the pictures; one without has none', async () => {
    mkdirSync(join(folder, 'deep'))
    write('a.txt', ' an apple\n')
    write('deep/b.txt', 'a bee')
    const captions = await readCaptions(folder, gallery, null)
    expect(gallery.names.map(captions.of)).toEqual(['an apple', 'a bee', undefined])
  })

  it('are refused where the file is not there, no JSON, or no texts', async () => {
    await expect(readCaptions(folder, gallery, join(folder, 'none.json'))).rejects.toThrow('cannot be read')
    await expect(readCaptions(folder, gallery, write('no.json', '{'))).rejects.toThrow('cannot be read')
    await expect(readCaptions(folder, gallery, write('list.json', '["a"]'))).rejects.toThrow('no object of texts')
  })
})

describe('CLIP’s tokenizer', () => {
  const json = (tokens: Record<string, number>) => ({
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [{ type: 'Split', pattern: { Regex: '\\p{L}+' }, behavior: 'Removed', invert: true }],
    },
    model: {
      type: 'BPE',
      vocab: tokens,
      merges: [['a', 'b</w>']],
      end_of_word_suffix: '</w>',
      unk_token: '<|endoftext|>',
    },
    decoder: null,
    post_processor: null,
    added_tokens: Object.entries(tokens)
      .filter(([token]) => token.startsWith('<|'))
      .map(([content, id]) => ({ id, content, special: true })),
  })

  it('encodes a text without begin and end, whose ids it tells', async () => {
    const vocabulary = { a: 0, 'b</w>': 1, 'ab</w>': 2, '<|startoftext|>': 3, '<|endoftext|>': 4 }
    const tokens = await readClipTokens(write('tokenizer.json', JSON.stringify(json(vocabulary))))
    expect(tokens).toMatchObject({ begin: 3, end: 4 })
    expect(tokens.encode('AB ab')).toEqual([2, 2])
  })

  it('is refused where it is another’s', async () => {
    const other = write('other.json', JSON.stringify(json({ a: 0, '<|endoftext|>': 1 })))
    await expect(readClipTokens(other)).rejects.toThrow("it is not CLIP's tokenizer")
    await expect(readClipTokens(join(folder, 'nothing.json'))).rejects.toThrow()
  })
})

describe('LPIPS of pairs', () => {
  it('is what PyTorch gives of 8-bit pictures, of any size, and 0 of identical ones', async () => {
    const fixture = (name: string) => new URL(`../../../test/fixtures/lpips/${name}`, import.meta.url)
    const { tensors } = decodeSafetensors(readFileSync(fixture('distances.safetensors')))
    const { measure, dispose, source } = await lpipsPairs(
      new URL(fixture('weights.safetensors')).pathname,
      onnxRuntime({ threads: 2 }),
    )
    expect(source.name).toBe('LPIPS (VGG16)')
    const picture = (name: string) => {
      const { data, shape } = tensors[name] as StoredTensor
      const [, height, width] = shape as [number, number, number, number]
      const first = (data as Float32Array).subarray(0, height * width * 3)
      const bytes = Uint8Array.from(first, (value) => Math.min(255, Math.max(0, Math.round((value + 1) * 127.5))))
      return { width, height, channels: 3, data: bytes }
    }
    const [x, y] = [picture('x'), picture('y')]
    const want = ((tensors.distance as StoredTensor).data as Float32Array)[0] as number
    // Rounded to 8 bits, the pictures are not quite those that PyTorch had.
    expect(Math.abs((await measure(x, y)) - want)).toBeLessThan(0.02 * want)
    expect(await measure(x, x)).toBe(0)
    const tall = { width: 16, height: 40, channels: 3, data: new Uint8Array(16 * 40 * 3) }
    expect(await measure(tall, { ...tall, data: tall.data.map((_, at) => at % 251) })).toBeGreaterThan(0)
    await dispose()
  })
})
