import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bytesOf,
  encodeGguf,
  encodeHeader,
  encodeInfo,
  type MetadataValue,
  text,
  u32,
  u64,
} from '../../../test/fakes/gguf-file.ts'
import { temporaryFolder } from '../../../test/fakes/temporary-folder.ts'
import { type GgufWeights, openGguf } from './gguf.ts'
import { WeightsError } from './weight-file.ts'

function written(bytes: Uint8Array): string {
  const path = join(temporaryFolder(), 'model.gguf')
  writeFileSync(path, bytes)
  return path
}

/** Opens a file of these bytes for as long as `use` takes. */
async function using<Result>(bytes: Uint8Array, use: (gguf: GgufWeights) => Promise<Result> | Result): Promise<Result> {
  const gguf = await openGguf(written(bytes))
  try {
    return await use(gguf)
  } finally {
    await gguf.close()
  }
}

/** Opens a file and reads all of it. @returns the message of what went wrong, or '' */
async function complaint(bytes: Uint8Array): Promise<string> {
  try {
    await using(bytes, async (gguf) => {
      for (const name of gguf.names) await gguf.tensor(name).read()
    })
    return ''
  } catch (error) {
    expect(error).toBeInstanceOf(WeightsError)
    return (error as Error).message
  }
}

/** Whether two arrays hold the same bits; an assertion over millions of elements takes seconds. */
const same = (a: Float32Array | Uint8Array, b: Float32Array | Uint8Array) =>
  Buffer.compare(bytesOf(a), bytesOf(b)) === 0

const metadata: Record<string, MetadataValue> = {
  'general.architecture': { type: 'string', value: 'llama' },
  'a.number': { type: 'u32', value: 7 },
  'a.negative': { type: 'i32', value: -7 },
  'a.fraction': { type: 'f32', value: 0.5 },
  'a.switch': { type: 'bool', value: 1 },
  'some.words': { type: 'strings', value: ['ä', '', 'Ġword'] },
  'some.numbers': { type: 'i32s', value: [1, -2, 3] },
}
const matrix = Float32Array.from({ length: 6 }, (_, at) => at - 2)
const file = encodeGguf(metadata, [
  { name: 'matrix', shape: [2, 3], type: 0, bytes: bytesOf(matrix) },
  { name: 'half', shape: [2], type: 1, bytes: bytesOf(Uint16Array.of(0x3c00, 0xc000)) },
])

describe('a GGUF file', () => {
  it('gives its metadata and its tensors, outermost axis first', async () => {
    await using(file, async (gguf) => {
      expect(Object.fromEntries(gguf.metadata)).toEqual({
        'general.architecture': 'llama',
        'a.number': 7,
        'a.negative': -7,
        'a.fraction': 0.5,
        'a.switch': true,
        'some.words': ['ä', '', 'Ġword'],
        'some.numbers': [1, -2, 3],
      })
      expect(gguf.names).toEqual(['matrix', 'half'])
      expect(gguf.shapeOf('matrix')).toEqual([2, 3])
      expect(await gguf.tensor('matrix').read()).toEqual(matrix)
      expect(await gguf.tensor('half').read()).toEqual(Float32Array.of(1, -2))
      expect(gguf.tensor('half').type).toBe('F16')
    })
  })

  it('reads a header longer than what is read first', async () => {
    const words = Array.from({ length: 100_000 }, (_, at) => `token number ${at}`)
    await using(encodeGguf({ words: { type: 'strings', value: words } }, []), (gguf) => {
      expect(gguf.metadata.get('words')).toEqual(words)
    })
  })

  it('reads a tensor larger than what is read at a time, in the order of rows that is asked for', async () => {
    const [rows, width] = [1500, 2000]
    const data = Float32Array.from({ length: rows * width }, (_, at) => at % 977)
    const bytes = encodeGguf({}, [{ name: 'large', shape: [rows, width], type: 0, bytes: bytesOf(data) }])
    await using(bytes, async (gguf) => {
      expect(same(await gguf.tensor('large').read(), data)).toBe(true)
      const turned = gguf.tensor('large', (row) => rows - 1 - row)
      const got = await turned.read()
      for (let row = 0; row < rows; row++) {
        const stored = data.subarray((rows - 1 - row) * width, (rows - row) * width)
        expect(same(got.subarray(row * width, (row + 1) * width), stored), `row ${row}`).toBe(true)
      }
      expect(same(await turned.readRaw(), bytesOf(got))).toBe(true)
    })
  })

  it('refuses files of another format or version', async () => {
    expect(await complaint(Buffer.from('PK\u0003\u0004 and more'))).toContain('not "GGUF": not a GGUF file')
    expect(await complaint(encodeHeader(0, 0, 2))).toContain('is GGUF version 2; version 3 is read')
  })

  it('says so wherever a file was cut off', async () => {
    // The last 28 bytes are padding.
    for (let length = 0; length < file.length - 28; length++)
      expect(await complaint(file.subarray(0, length)), `${length} bytes`).toMatch(/truncated/)
    expect(await complaint(file.subarray(0, file.length - 28))).toBe('')
  })

  it('believes no count that the file has no room for', async () => {
    const huge = 2n ** 62n
    const pair = (value: Buffer) => Buffer.concat([encodeHeader(0, 1), text('key'), value])
    const lies = {
      'claims 1000000000 tensors': encodeHeader(1e9, 0),
      'claims 1000000000 metadata entries': encodeHeader(0, 1e9),
      'the number of tensors is 4611686018427387904': encodeHeader(huge, 0),
      'the number of bytes of text is 4611686018427387904': Buffer.concat([
        encodeHeader(0, 1),
        u64(huge),
        Buffer.alloc(8),
      ]),
      'claims 1000000 bytes of text': Buffer.concat([encodeHeader(0, 1), u64(1e6), Buffer.alloc(8)]),
      'claims 1000000000 elements of "key"': pair(Buffer.concat([u32(9), u32(8), u64(1e9)])),
      'the number of elements of "key" is': pair(Buffer.concat([u32(9), u32(0), u64(huge)])),
    }
    for (const [message, bytes] of Object.entries(lies)) expect(await complaint(bytes)).toContain(message)
  })

  it('refuses values of an unknown type, and arrays of arrays', async () => {
    const pair = (...value: number[]) => Buffer.concat([encodeHeader(0, 1), text('key'), ...value.map(u32), u64(0)])
    expect(await complaint(pair(13))).toContain('metadata "key" has the unknown value type 13')
    expect(await complaint(pair(9, 9))).toContain('metadata "key" is an array of arrays')
  })

  it('refuses an alignment that is none', async () => {
    for (const value of [0, 2 ** 31])
      expect(await complaint(encodeGguf({ 'general.alignment': { type: 'u32', value } }, []))).toContain(
        `general.alignment is ${value}`,
      )
  })

  it('refuses tensors that do not lie in the file', async () => {
    const one = (...info: Parameters<typeof encodeInfo>) =>
      Buffer.concat([encodeHeader(1, 0), encodeInfo(...info), Buffer.alloc(256)])
    const wrong: [RegExp, Buffer][] = [
      [/"far" \[2\] of F32 has 8 bytes from byte 4194\d+ on, but the file has/, one('far', [2], 0, 4_194_304)],
      [/the offset of "far" is 1152921504606846976/, one('far', [2], 0, 2n ** 60n)],
      [/"big" \[100000,100000\] of F16 has 20000000000 bytes/, one('big', [1e5, 1e5], 1, 0)],
      [/"big" .*truncated, or damaged/, one('big', [2n ** 52n, 2n ** 52n, 2n ** 52n, 2n ** 52n], 0, 0)],
      [/an axis of "big" is 18446744073709551615/, one('big', [2n ** 64n - 1n], 0, 0)],
      [/tensor "deep" has 5 axes; there are 4 at most/, one('deep', [1, 1, 1, 1, 1], 0, 0)],
      [/"odd" has rows of 33 weights, which are not whole blocks of 32 \(Q4_0\)/, one('odd', [33], 2, 0)],
      [/"new" has the tensor type 99, which cannot be read/, one('new', [1], 99, 0)],
      [/"new" begins at byte \d+ of \d+: the file is truncated/, one('new', [1], 99, 65536)],
    ]
    for (const [message, bytes] of wrong) expect(await complaint(bytes)).toMatch(message)
    const shared = Buffer.concat([
      encodeHeader(2, 0),
      encodeInfo('a', [8], 0, 0),
      encodeInfo('b', [8], 0, 16),
      Buffer.alloc(256),
    ])
    expect(await complaint(shared)).toMatch(/"a" and "b" share bytes from \d+ on/)
    const twice = Buffer.concat([encodeHeader(2, 0), encodeInfo('a', [1], 0, 0), encodeInfo('a', [1], 0, 0)])
    expect(await complaint(Buffer.concat([twice, Buffer.alloc(64)]))).toContain('has two tensors "a"')
  })

  it('answers any damage with its contents or with one clear error', async () => {
    const places = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(places, async (changes) => {
        const damaged = Buffer.from(file)
        for (const [at, byte] of changes) damaged[at] = byte
        await complaint(damaged)
      }),
      { numRuns: 300 },
    )
  })

  it('names a missing file, a folder, and a tensor that is not there', async () => {
    await expect(openGguf(join(temporaryFolder(), 'no.gguf'))).rejects.toThrow(/there is no file .*no\.gguf/)
    await expect(openGguf(temporaryFolder())).rejects.toThrow(WeightsError)
    await using(file, (gguf) => expect(() => gguf.tensor('other')).toThrow('has no tensor "other"'))
  })
})
