import { describe, expect, it } from 'vitest'
import { BLOCKS, dequantise, type StoredType } from './dequantise.ts'

/** Float16 bits of a few numbers, little-endian. */
const HALF = { one: [0x00, 0x3c], two: [0x00, 0x40], half: [0x00, 0x38], minusOne: [0x00, 0xbc] } as const

function widened(type: StoredType, bytes: readonly number[]): number[] {
  const out = new Float32Array((bytes.length / BLOCKS[type].bytes) * BLOCKS[type].elements)
  dequantise(type, Uint8Array.from(bytes), out)
  return [...out]
}
const count = (length: number): number[] => Array.from({ length }, (_, at) => at)

describe('weights as float32', () => {
  it('F32: takes the bits as they are', () => {
    expect(widened('F32', [0, 0, 0x80, 0xbf, 0, 0, 0x20, 0x41])).toEqual([-1, 10])
  })

  it('F16: knows fractions, subnormal numbers, both zeros, infinities and NaN', () => {
    const bits = [0x3c00, 0xc000, 0x3555, 0x0001, 0x83ff, 0x0000, 0x8000, 0x7bff, 0x7c00, 0xfc00, 0x7e00]
    expect(
      widened(
        'F16',
        bits.flatMap((value) => [value & 255, value >> 8]),
      ),
    ).toEqual([
      ...[1, -2, 0.333251953125, 2 ** -24, -1023 * 2 ** -24, 0, -0, 65504],
      ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
    ])
  })

  it('BF16: is the upper half of a float32', () => {
    expect(widened('BF16', [0x80, 0x3f, 0x49, 0xc0, 0x80, 0x7f])).toEqual([1, -3.140625, Number.POSITIVE_INFINITY])
  })

  it('Q8_0: scales 32 signed bytes', () => {
    const block = [...HALF.half, ...[0, 1, 127, 128, 255], ...Array<number>(27).fill(2)]
    expect(widened('Q8_0', block)).toEqual([0, 0.5, 63.5, -64, -0.5, ...Array<number>(27).fill(1)])
  })

  it('Q4_0: has the first 16 weights in the low nibbles, the others in the high ones, 8 meaning zero', () => {
    // Low nibbles count up, high ones down.
    const block = [...HALF.two, ...count(16).map((at) => at | ((15 - at) << 4))]
    const up = count(16).map((at) => 2 * (at - 8))
    expect(widened('Q4_0', block)).toEqual([...up, ...up.map((value) => -2 - value)])
  })

  it('Q4_1: adds a minimum to the scaled nibbles', () => {
    const block = [...HALF.half, ...HALF.minusOne, ...count(16).map((at) => at | ((15 - at) << 4))]
    const up = count(16).map((at) => 0.5 * at - 1)
    expect(widened('Q4_1', block)).toEqual([...up, ...up.toReversed()])
  })

  it('Q4_K: has a 6-bit scale and minimum for each 32 weights, those of the last four in two pieces', () => {
    const scales = [1, 2, 3, 63, 0b110101, 4, 5, 0b101111]
    const minima = [0, 1, 2, 62, 0b101010, 8, 7, 0b010000]
    // Four bytes of scales, four of minima, each with two upper bits of a late one; then low nibbles of the late ones.
    const packed = [
      ...count(4).map((at) => (scales[at] ?? 0) | (((scales[at + 4] ?? 0) >> 4) << 6)),
      ...count(4).map((at) => (minima[at] ?? 0) | (((minima[at + 4] ?? 0) >> 4) << 6)),
      ...count(4).map((at) => ((scales[at + 4] ?? 0) & 15) | (((minima[at + 4] ?? 0) & 15) << 4)),
    ]
    // In each pair of groups the even one counts up and the odd one down, column by column.
    const nibbles = count(128).map((at) => (at & 15) | ((15 - (at & 15)) << 4))
    const got = widened('Q4_K', [...HALF.one, ...HALF.half, ...packed, ...nibbles])
    const wanted = count(256).map((at) => {
      const group = at >> 5
      const q = group % 2 === 0 ? at & 15 : 15 - (at & 15)
      return (scales[group] as number) * q - 0.5 * (minima[group] as number)
    })
    expect(got).toEqual(wanted)
  })

  it('Q6_K: joins four low and two high bits, and has a signed scale for each 16 weights', () => {
    const value = (at: number) => (at * 7) % 64
    const scale = (group: number) => (group % 2 === 0 ? group + 1 : -group)
    const low = Array<number>(128).fill(0)
    const high = Array<number>(64).fill(0)
    for (const at of count(256)) {
      const [side, run, column] = [at >> 7, (at >> 5) & 3, at & 31]
      low[64 * side + 32 * (run % 2) + column]! |= (value(at) & 15) << (run >= 2 ? 4 : 0)
      high[32 * side + column]! |= (value(at) >> 4) << (2 * run)
    }
    const scales = count(16).map((group) => scale(group) & 255)
    const got = widened('Q6_K', [...low, ...high, ...scales, ...HALF.half])
    // Zeros of either sign are the same weight.
    expect(got.map((each) => each + 0)).toEqual(count(256).map((at) => 0.5 * scale(at >> 4) * (value(at) - 32) + 0))
  })

  it('widens several blocks in a row', () => {
    const block = (byte: number) => [...HALF.one, ...Array<number>(32).fill(byte)]
    expect(widened('Q8_0', [...block(1), ...block(2)])).toEqual([...Array(32).fill(1), ...Array(32).fill(2)])
  })

  it('refuses bytes that are not the blocks of so many weights', () => {
    expect(() => dequantise('Q4_0', new Uint8Array(17), new Float32Array(32))).toThrow(
      '17 bytes are not 32 weights of Q4_0',
    )
    expect(() => dequantise('Q4_0', new Uint8Array(18), new Float32Array(64))).toThrow('18 bytes are not 64 weights')
  })
})
