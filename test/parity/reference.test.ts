import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { encodeSafetensors } from '../../src-shared/safetensors.ts'
import { expectClose, referenceCase, referenceCases, whyMissing } from './reference.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reference-'))
  const directory = join(folder, 'small')
  mkdirSync(directory)
  mkdirSync(join(folder, 'not-a-case'))
  const tensors = {
    z: { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    loss: { dtype: 'F32', shape: [2], data: Float32Array.of(10, 20) },
    indices: { dtype: 'I64', shape: [3], data: BigInt64Array.of(7n, 0n, 2n) },
  } as const
  writeFileSync(
    join(directory, 'tensors.safetensors'),
    encodeSafetensors(
      Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, { ...t, shape: [...t.shape] }])),
    ),
  )
  writeFileSync(
    join(directory, 'case.json'),
    JSON.stringify({
      params: { decay: 0.8 },
      tensors: {
        z: { shape: [2, 3], dtype: 'F32', role: 'input' },
        loss: { shape: [2], dtype: 'F32', role: 'expected', atol: 0.01, rtol: 0.001 },
        indices: { shape: [3], dtype: 'I64', role: 'expected' },
      },
      scalars: {
        total: { value: 3, role: 'expected', atol: 0.1, rtol: 0 },
        norms: { values: { 'a.b': 1, c: 2 }, role: 'expected', atol: 0, rtol: 0.01 },
      },
    }),
  )
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the parity harness', () => {
  it('walks the cases of a folder by name and leaves out folders without case.json', () => {
    expect(referenceCases(folder)).toEqual(['small'])
  })

  it('hands out inputs, expected tensors and parameters as the files hold them', () => {
    const reference = referenceCase('small', folder)
    expect([...reference.input('z').row(1)]).toEqual([4, 5, 6])
    expect([...reference.expected('indices').integers]).toEqual([7, 0, 2])
    expect(reference.names('expected')).toEqual(['loss', 'indices'])
    expect(reference.read(z.object({ params: z.object({ decay: z.number() }) })).params.decay).toBe(0.8)
  })

  it('accepts values within the tolerance of the tensor and fails one beyond it, naming the element', () => {
    const reference = referenceCase('small', folder)
    reference.expectTensor('loss', [10.019, 19.971])
    expect(() => reference.expectTensor('loss', [10, 20.04])).toThrow(
      /small: loss: 1 of 2 .* \[1\]: got 20\.04, wanted 20/,
    )
  })

  it('wants integers to be equal', () => {
    const reference = referenceCase('small', folder)
    reference.expectTensor('indices', Int32Array.of(7, 0, 2))
    expect(() => reference.expectTensor('indices', Int32Array.of(7, 0, 3))).toThrow('1 of 3 elements differ')
  })

  it('checks single scalars and one value per name, and fails for a name that is not there', () => {
    const reference = referenceCase('small', folder)
    reference.expectScalar('total', 3.05)
    expect(() => reference.expectScalar('total', 3.2)).toThrow('small: total')
    reference.expectScalar('norms', { 'a.b': 1.005, c: 2 })
    expect(() => reference.expectScalar('norms', { 'a.b': 1 })).toThrow('norms: c')
  })

  it('fails NaN, a wrong infinity and a wrong number of elements', () => {
    expectClose([Number.POSITIVE_INFINITY, Number.NaN], [Number.POSITIVE_INFINITY, Number.NaN], 0, 0, 'same')
    expect(() => expectClose([Number.NaN], [1], 10, 10, 'x')).toThrow('x: 1 of 1')
    expect(() => expectClose([1], [Number.POSITIVE_INFINITY], 10, 10, 'x')).toThrow('x: 1 of 1')
    expect(() => expectClose([1, 2], [1], 10, 10, 'x')).toThrow('2 elements, wanted 1')
  })

  it('gives the place of the worst element in the shape', () => {
    expect(() => expectClose([0, 0, 0, 1, 0, 5], [0, 0, 0, 0, 0, 0], 0, 0, 'x', [2, 3])).toThrow(
      '2 of 6 elements differ; worst at [1,2]',
    )
  })

  it('refuses a tensor asked for in the wrong role, and names the tensors there are', () => {
    const reference = referenceCase('small', folder)
    expect(() => reference.input('loss')).toThrow('"loss" is expected, not input')
    expect(() => reference.expected('los')).toThrow('there are z, loss, indices')
  })

  it('says why a case cannot be run', () => {
    expect(whyMissing('small', folder)).toBe('')
    expect(whyMissing('large', folder)).toContain('case.json')
    expect(whyMissing('small', join(folder, 'gone'))).toContain('set REFERENCE_DIR')
    expect(() => referenceCase('small', join(folder, 'gone'))).toThrow('no reference folder')
  })
})
