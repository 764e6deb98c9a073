import { describe, expect, it } from 'vitest'
import { l1, mse, pictureErrors, psnr } from './image-errors.ts'

describe('errors between pictures', () => {
  it('of identical pictures are 0, with an infinite PSNR', () => {
    const picture = Uint8Array.of(0, 128, 255)
    expect(l1(picture, picture)).toBe(0)
    expect(mse(picture, picture)).toBe(0)
    expect(psnr(picture, picture, 255)).toBe(Number.POSITIVE_INFINITY)
  })

  it('of black against white are the whole range, with a PSNR of 0 dB', () => {
    const black = new Uint8Array(12)
    const white = new Uint8Array(12).fill(255)
    expect(l1(black, white)).toBe(255)
    expect(mse(black, white)).toBe(255 ** 2)
    expect(psnr(black, white, 255)).toBe(0)
    expect(psnr(white, black, 255)).toBe(0)
  })

  it('has the same PSNR in bytes, in 0..1 and in −1..1', () => {
    const x = Uint8Array.of(10, 200, 30, 90)
    const y = Uint8Array.of(12, 190, 33, 91)
    const unit = (bytes: Uint8Array) => Float64Array.from(bytes, (value) => value / 255)
    const signed = (bytes: Uint8Array) => Float64Array.from(bytes, (value) => value / 127.5 - 1)
    expect(psnr(unit(x), unit(y), 1)).toBeCloseTo(psnr(x, y, 255), 9)
    expect(psnr(signed(x), signed(y), 2)).toBeCloseTo(psnr(x, y, 255), 9)
  })

  it('keeps the mean of PSNRs apart from the PSNR of the mean error', () => {
    const errors = pictureErrors(Float64Array.of(0, 0), Float64Array.of(0.1, 0.01), 2, 1)
    expect(errors.psnr.map((value) => Math.round(value))).toEqual([20, 40])
    expect(errors.psnrMean).toBeCloseTo(30, 9)
    expect(errors.psnrPooled).toBeCloseTo(-10 * Math.log10((0.01 + 0.0001) / 2), 9)
  })

  it('refuses pictures of different sizes, of none, and a batch that cannot be divided', () => {
    expect(() => mse(new Uint8Array(3), new Uint8Array(4))).toThrow('3 values against one of 4')
    expect(() => l1(new Uint8Array(0), new Uint8Array(0))).toThrow('without a single value')
    expect(() => pictureErrors(new Uint8Array(5), new Uint8Array(5), 2, 255)).toThrow('5 values are not 2 pictures')
    expect(() => pictureErrors(new Uint8Array(4), new Uint8Array(6), 2, 255)).toThrow('4 values of originals against 6')
    expect(() => pictureErrors(new Uint8Array(4), new Uint8Array(4), 0, 255)).toThrow('not 0 pictures')
  })
})
