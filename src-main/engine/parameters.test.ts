import { describe, expect, it } from 'vitest'
import { countParameters, fanIn, gaussian, initialise, ones, type RandomStream, zeros } from './initialise.ts'
import { branch, parameter, prefixed } from './parameters.ts'
import { uniformSource } from './testing/programs.ts'

/** A stream of its own for each name. */
const stream: RandomStream = (name) => {
  const next = uniformSource([...name].reduce((sum, letter) => 31 * sum + letter.charCodeAt(0), 7))
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  return { uniform: () => next(), normal }
}
const moments = (data: ArrayLike<number>) => {
  const values = Array.from(data)
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  return { mean, deviation: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length) }
}

describe('parameters by name', () => {
  const flat = { 'encoder.conv.kernel': 1, 'encoder.conv.bias': 2, 'encoders.kernel': 3, codebook: 4 }

  it('are taken out below a prefix and put back under it', () => {
    expect(branch(flat, 'encoder')).toEqual({ 'conv.kernel': 1, 'conv.bias': 2 })
    expect(branch(flat, 'encoder.conv')).toEqual({ kernel: 1, bias: 2 })
    expect(prefixed(branch(flat, 'encoder'), 'encoder')).toEqual({ 'encoder.conv.kernel': 1, 'encoder.conv.bias': 2 })
    expect(branch(flat, 'decoder')).toEqual({})
  })

  it('are refused by name, with their neighbours, where there is none', () => {
    expect(parameter(flat, 'codebook')).toBe(4)
    expect(() => parameter(flat, 'encoder.conv.weight')).toThrow(
      'no parameter "encoder.conv.weight"; near it: encoder.conv.kernel, encoder.conv.bias',
    )
    expect(() => parameter(flat, 'decoder.kernel')).toThrow('there is none with that prefix')
  })
})

describe('initial values', () => {
  const specs = { a: zeros(2), b: ones(3), c: fanIn(16, 40, 50), d: gaussian(0.2, 60, 70) }

  it('are of the shapes and distributions of their specs', () => {
    const values = initialise(specs, stream)
    expect(Object.values(values).map(({ shape }) => shape)).toEqual([[2], [3], [40, 50], [60, 70]])
    expect([...(values.a?.data ?? [])]).toEqual([0, 0])
    expect([...(values.b?.data ?? [])]).toEqual([1, 1, 1])
    const uniform = moments(values.c?.data ?? [])
    expect(Math.max(...Array.from(values.c?.data ?? [], Math.abs))).toBeLessThanOrEqual(0.25)
    expect(uniform.mean).toBeCloseTo(0, 1)
    expect(uniform.deviation).toBeCloseTo(0.25 / Math.sqrt(3), 2)
    const normal = moments(values.d?.data ?? [])
    expect(normal.mean).toBeCloseTo(0, 1)
    expect(normal.deviation).toBeCloseTo(0.2, 2)
  })

  it('of a parameter do not depend on its neighbours', () => {
    expect(initialise({ d: specs.d }, stream).d).toEqual(initialise(specs, stream).d)
  })

  it('are counted', () => {
    expect(countParameters(specs)).toBe(2 + 3 + 2000 + 4200)
  })
})
