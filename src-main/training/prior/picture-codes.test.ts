import { describe, expect, it } from 'vitest'
import { picturesCodes } from './picture-codes.ts'

describe('the codes of pictures', () => {
  /** Pictures of 2 × 2 pixels whose first byte is their index, and a tokenizer that repeats it. */
  const pictures = { resolution: 2, pixels: (index: number) => new Uint8Array(12).fill(index) }
  const counting = () => {
    const seen: number[] = []
    const encode = async (pixels: Uint8Array, count: number): Promise<Int32Array[]> => {
      const indices = Array.from({ length: count }, (_, row) => pixels[row * 12] as number)
      seen.push(...indices)
      return [1, 2].map((side) =>
        Int32Array.from(indices.flatMap((index) => Array.from({ length: side * side }, (_, at) => 10 * index + at))),
      )
    }
    return { seen, codesOf: picturesCodes({ encode, sides: [1, 2] }, pictures) }
  }

  it('come in the order asked for, picture after picture in each layer', async () => {
    const { codesOf } = counting()
    const [coarse, fine] = (await codesOf([3, 1, 3])) as [Int32Array, Int32Array]
    expect([...coarse]).toEqual([30, 10, 30])
    expect([...fine]).toEqual([30, 31, 32, 33, 10, 11, 12, 13, 30, 31, 32, 33])
  })

  it('are made once for each picture', async () => {
    const { seen, codesOf } = counting()
    const first = await codesOf([2, 5])
    expect(await codesOf([2, 5])).toEqual(first)
    await codesOf([5, 7])
    expect(seen).toEqual([2, 5, 7])
  })

  it('are those of the mirrored picture where that is asked for, and kept apart', async () => {
    // Left 10 and right 20 above, 30 and 40 below; the code is the first pixel's.
    const pixels = () => Uint8Array.from([10, 20, 30, 40].flatMap((value) => [value, value, value]))
    let count = 0
    const encode = async (bytes: Uint8Array, many: number): Promise<Int32Array[]> => {
      count += many
      return [Int32Array.from({ length: many }, (_, row) => bytes[row * 12] as number)]
    }
    const codesOf = picturesCodes({ encode, sides: [1] }, { resolution: 2, pixels })
    expect([...((await codesOf([0, 0, 0], [false, true, true]))[0] as Int32Array)]).toEqual([10, 20, 20])
    expect([...((await codesOf([0], [true]))[0] as Int32Array)]).toEqual([20])
    expect(count).toBe(2)
  })
})
