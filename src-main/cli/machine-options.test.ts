import { describe, expect, it } from 'vitest'
import { UsageError } from './errors.ts'
import { machineOf, picturesOf } from './machine-options.ts'

describe('a machine on the command line', () => {
  it('is none unless something is said of it', () => {
    expect(machineOf({})).toBeNull()
    expect(picturesOf({})).toBeNull()
    expect(picturesOf({ pictures: '558128' })).toBe(558_128)
  })

  it('is read with its units', () => {
    expect(machineOf({ throughput: '250 TFLOP/s', devices: '8', deviceMemory: '80' })).toEqual({
      devices: 8,
      deviceMemory: 80,
      throughput: { unit: 'TFLOP/s', value: 250, utilisation: 0.4 },
    })
    expect(machineOf({ throughput: '12.5images/s' })).toEqual({
      devices: 1,
      deviceMemory: null,
      throughput: { unit: 'images/s', value: 12.5 },
    })
  })

  it.each([
    [{ throughput: '250' }, '--throughput 250: wanted a number and its unit'],
    [{ throughput: '0 TFLOP/s' }, '--throughput 0 TFLOP/s'],
    [{ throughput: '250 TFLOP/s', utilisation: '1.5' }, '--utilisation 1.5: a share is at most 1'],
    [{ throughput: '9 images/s', utilisation: '0.5' }, '--utilisation is a share of the peak'],
    [{ devices: '2.5' }, '--devices 2.5: wanted a whole number from 1'],
    [{ deviceMemory: 'much' }, '--device-memory much: wanted a number above 0'],
  ])('refuses %o', (options, message) => {
    expect(() => machineOf(options)).toThrow(UsageError)
    expect(() => machineOf(options)).toThrow(message)
  })
})
