import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeNpy, encodeNpy } from './npy.ts'

describe('the npy format', () => {
  it('brings back shape, type and values, whatever the shape', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(4), { maxLength: 4 }),
        fc.constantFrom(Int32Array, Float32Array, Float64Array, Uint8Array),
        (shape, type) => {
          const size = shape.reduce((product, side) => product * side, 1)
          const data = new type(Array.from({ length: size }, (_, i) => i * 3))
          expect(decodeNpy(encodeNpy({ shape, data }))).toEqual({ shape, data })
        },
      ),
    )
  })

  it('writes the header that numpy writes, with the data at a multiple of 64', () => {
    const file = encodeNpy({ shape: [2], data: Int32Array.of(1, -1) })
    const text = Buffer.from(file).toString('latin1')
    expect(text.slice(0, 8)).toBe('\x93NUMPY\x01\x00')
    expect(text.slice(10, 128)).toBe(`${"{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }".padEnd(117)}\n`)
    expect(file.length).toBe(128 + 8)
    expect([...file.slice(128)]).toEqual([1, 0, 0, 0, 255, 255, 255, 255])
  })

  it('reads a file from a Buffer that starts anywhere in its pool', () => {
    const file = encodeNpy({ shape: [3], data: Float32Array.of(0.5, 1, 2) })
    const pooled = Buffer.concat([Buffer.of(0), file]).subarray(1)
    expect(decodeNpy(pooled).data).toEqual(Float32Array.of(0.5, 1, 2))
  })

  it('reads whole numbers of 64 bits, column-major order, and the longer header of version 2', () => {
    const long = encodeNpy({ shape: [2], data: BigInt64Array.of(5n, -(2n ** 40n)) })
    expect(decodeNpy(long).data).toEqual(BigInt64Array.of(5n, -(2n ** 40n)))
    // numpy.asfortranarray([[1, 2, 3], [4, 5, 6]]) holds 1, 4, 2, 5, 3, 6.
    const file = Buffer.from(encodeNpy({ shape: [2, 3], data: Float64Array.of(1, 4, 2, 5, 3, 6) }))
    const turned = Buffer.from(file.toString('latin1').replace('False', 'True '), 'latin1')
    expect(decodeNpy(turned)).toEqual({ shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) })
    const length = file.readUInt16LE(8)
    const second = Buffer.concat([file.subarray(0, 6), Buffer.of(2, 0, 0, 0, 0, 0), file.subarray(10)])
    second.writeUInt32LE(length, 8)
    expect(decodeNpy(second).data).toEqual(Float64Array.of(1, 4, 2, 5, 3, 6))
  })

  it('says what is wrong with a file it cannot read', () => {
    const file = encodeNpy({ shape: [3], data: Int32Array.of(1, 2, 3) })
    const edited = (from: string, to: string) =>
      Buffer.from(Buffer.from(file).toString('latin1').replace(from, to), 'latin1')
    expect(() => decodeNpy(Buffer.from('PNG'))).toThrow('not a .npy file')
    expect(() => decodeNpy(file.subarray(0, -1))).toThrow('11 bytes of values; the shape (3) needs 12')
    expect(() => decodeNpy(edited('<i4', '>i4'))).toThrow('values of type >i4')
    expect(() => decodeNpy(edited("'fortran_order'", "'fortran_ordre'"))).toThrow('no order')
    expect(() => decodeNpy(edited("'shape'", "'shade'"))).toThrow('no shape')
    expect(() => encodeNpy({ shape: [2], data: Int32Array.of(1) })).toThrow('1 values do not fill the shape (2)')
  })
})
