import { describe, expect, it } from 'vitest'
import { bytes, float, message, text, whole, wholes } from './protobuf.ts'

const hex = (encoded: Uint8Array): string => Buffer.from(encoded).toString('hex')

// The first three are the examples of protobuf.dev, "Encoding".
describe('protocol buffers', () => {
  it('writes whole numbers in groups of seven bits, the lowest first', () => {
    expect(hex(whole(1, 150))).toBe('089601')
    expect(hex(whole(1, 0))).toBe('0800')
    expect(hex(whole(1, 2 ** 31))).toBe('088080808008')
  })

  it('writes text and packed numbers behind their length', () => {
    expect(hex(text(2, 'testing'))).toBe('120774657374696e67')
    expect(hex(wholes(6, [3, 270, 86942]))).toBe('3206038e029ea705')
  })

  it('nests messages', () => {
    expect(hex(message(bytes(3, message(whole(1, 150)))))).toBe('1a03089601')
  })

  it('writes a negative number in ten bytes, as its 64-bit complement', () => {
    expect(hex(whole(1, -2))).toBe('08feffffffffffffffff01')
  })

  it('writes fractions as four bytes, the lowest first', () => {
    expect(hex(float(4, 1.5))).toBe('250000c03f')
  })

  it('writes field numbers beyond 15 in two bytes', () => {
    expect(hex(whole(16, 1))).toBe('800101')
  })
})
