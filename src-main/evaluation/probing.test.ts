import { expect, it } from 'vitest'
import { createRandom } from '../data/random.ts'
import { probeClasses } from './probing.ts'

const random = createRandom(3, 'probing test')
const classes = ['cat', 'dog', 'owl']
const pictures = (count: number): string[] => Array.from({ length: count }, (_, at) => classes[at % 3] as string)
const known = [...pictures(30), 'owl']
const asked = pictures(24)
const groups = asked.map((_, at) => `concept ${at}`)
const all = [...known, ...asked]

/** A column for each class, and one of noise. */
const telling = {
  name: 'codes',
  width: 4,
  features: Float32Array.from(
    all.flatMap((own) => [...classes.map((name) => Number(name === own)), random.uniform() / 10]),
  ),
}
const silent = {
  name: 'pixels',
  width: 2,
  features: Float32Array.from(all.flatMap(() => [random.normal(), random.normal()])),
}

it('is right where features tell the classes, and near chance where they do not', () => {
  const result = probeClasses({ known, asked, groups }, [telling, silent], 0)
  for (const probe of ['nearest', 'linear'] as const) {
    expect(result.accuracy[probe].codes).toEqual({ mean: 1, low: 1, high: 1 })
    const pixels = result.accuracy[probe].pixels as { mean: number; low: number; high: number }
    expect(pixels.low).toBeLessThan(result.chance)
    expect(pixels.high).toBeLessThan(0.8)
    const better = result.advantage?.[probe]
    expect(better?.mean).toBeCloseTo(1 - pixels.mean)
    expect(better?.low).toBeGreaterThan(0)
  }
  expect(result.chance).toBeCloseTo(1 / 3)
  expect(result.majority.mean).toBeCloseTo(1 / 3)
  expect(result.classes).toBe(3)
})

it('is the same for the same seed', () => {
  const once = () => probeClasses({ known, asked, groups }, [silent], 5)
  expect(once()).toEqual(once())
  expect(once().advantage).toBeNull()
})

it('needs classes to tell apart, and pictures to ask about', () => {
  expect(() => probeClasses({ known: ['a', 'a'], asked, groups }, [telling], 0)).toThrow(
    '1 classes among the references',
  )
  expect(() => probeClasses({ known, asked: [], groups: [] }, [telling], 0)).toThrow('no picture to ask about')
})
