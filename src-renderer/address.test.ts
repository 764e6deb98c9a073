import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatAddress, parseAddress, withParams } from './address.ts'

it('splits the hash into path and parameters', () => {
  const { path, params } = parseAddress('#/runs?state=running,queued&q=hq%20vq')
  expect(path).toBe('/runs')
  expect(params.get('state')).toBe('running,queued')
  expect(params.get('q')).toBe('hq vq')
})

it('takes an empty hash for the first page', () => {
  expect(parseAddress('').path).toBe('/')
  expect(parseAddress('#').path).toBe('/')
})

it('keeps lists readable', () => {
  expect(formatAddress('/compare', new URLSearchParams({ runs: 'a,b' }))).toBe('/compare?runs=a,b')
  expect(formatAddress('/runs', new URLSearchParams())).toBe('/runs')
})

it('brings back any path and parameters as they were', () => {
  const text = fc.string({ unit: 'grapheme' })
  fc.assert(
    fc.property(
      fc.constantFrom('/', '/runs', '/runs/a-1', '/ablate/new'),
      fc.dictionary(text, text),
      (path, values) => {
        const address = parseAddress(`#${formatAddress(path, new URLSearchParams(values))}`)
        expect(address.path).toBe(path)
        expect(Object.fromEntries(address.params)).toEqual({ ...values })
      },
    ),
  )
})

it('sets and removes parameters on a copy', () => {
  const before = new URLSearchParams('a=1&b=2')
  expect(withParams(before, { a: null, b: '3', c: '4', d: '' }).toString()).toBe('b=3&c=4')
  expect(before.toString()).toBe('a=1&b=2')
})
