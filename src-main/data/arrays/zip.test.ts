import { describe, expect, it } from 'vitest'
import { readZip, writeZip } from './zip.ts'

const LIMIT = 1e6
const text = (words: string) => new TextEncoder().encode(words)
const archive = (entries: Record<string, Uint8Array>) =>
  new Uint8Array(Buffer.concat(writeZip(new Map(Object.entries(entries)))))

/** Python: zipfile.ZipFile(f, 'w', ZIP_DEFLATED).writestr(zipfile.ZipInfo('a.txt'), 'hello hello hello hello') */
const DEFLATED = Buffer.from(
  'UEsDBBQAAAAIAAAAIQDjUT2NCgAAABcAAAAFAAAAYS50eHTLSM3JyVfIQCcBUEsBAhQDFAAAAAgAAAAhAONRPY0KAAAAFwAAAAUAAAAAAAAAAAAAAIABAAAAAGEudHh0UEsFBgAAAAABAAEAMwAAAC0AAAAAAA==',
  'base64',
)

describe('a zip archive', () => {
  it('gives back what was written, an empty file and a name with letters beyond ASCII included', () => {
    const entries = { 'mu.npy': Uint8Array.of(1, 2, 3), 'größe.txt': text('words'), none: new Uint8Array(0) }
    expect(Object.fromEntries(readZip(archive(entries), LIMIT))).toEqual(entries)
  })

  it('is read when another program has packed it', () => {
    expect(new TextDecoder().decode(readZip(DEFLATED, LIMIT).get('a.txt'))).toBe('hello hello hello hello')
  })

  it('is refused, with what is wrong, when it is cut off, damaged, too large, or none at all', () => {
    const file = archive({ 'a.bin': text('some content') })
    expect(() => readZip(file.subarray(0, -5), LIMIT)).toThrow('not a zip archive, or one that is cut off')
    expect(() => readZip(text('just a text, and no archive'), LIMIT)).toThrow('not a zip archive')
    const damaged = Buffer.from(file)
    damaged[damaged.indexOf('content')] = 0
    expect(() => readZip(damaged, LIMIT)).toThrow('"a.bin" is damaged: its checksum differs')
    expect(() => readZip(archive({ a: new Uint8Array(2 ** 20), b: new Uint8Array(2 ** 20) }), 1.5 * 2 ** 20)).toThrow(
      'more than 1 MiB together',
    )
    const lies = Buffer.from(DEFLATED)
    lies.writeUInt32LE(3, lies.lastIndexOf('PK\x01\x02') + 24)
    expect(() => readZip(lies, LIMIT)).toThrow('"a.txt" cannot be unpacked')
    const torn = Buffer.from(file)
    torn.writeUInt32LE(7, torn.length - 6)
    expect(() => readZip(torn, LIMIT)).toThrow('its directory is damaged')
    const other = Buffer.from(DEFLATED)
    other.writeUInt16LE(12, other.lastIndexOf('PK\x01\x02') + 10)
    expect(() => readZip(other, LIMIT)).toThrow('method 12')
  })
})
