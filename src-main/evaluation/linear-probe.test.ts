import { describe, expect, it } from 'vitest'
import { createRandom } from '../data/random.ts'
import { linearProbe } from './linear-probe.ts'

const random = createRandom(1, 'probe')
const noise = (count: number): number[] => Array.from({ length: count }, () => random.normal())

/** Class by the sign of the third of five values, which the others drown. */
function hidden(count: number) {
  const rows = Array.from({ length: count }, (_, at) => {
    const row = noise(5).map((value) => 4 * value)
    row[2] = at % 2 === 0 ? 1 : -1
    return row
  })
  return { features: Float32Array.from(rows.flat()), classes: rows.map((_, at) => (at % 2 === 0 ? 'up' : 'down')) }
}

describe('a linear probe', () => {
  it('finds the direction in which classes differ, where nearest neighbours would not', () => {
    const asked = hidden(50)
    const { classes, leftOut } = linearProbe(asked.features, hidden(80), 5)
    expect(classes).toEqual(asked.classes)
    expect(leftOut).toBe(1)
  })

  it('does not see what no linear function separates', () => {
    const points = Array.from({ length: 200 }, () => [random.uniform() < 0.5 ? -1 : 1, random.uniform() < 0.5 ? -1 : 1])
    const either = {
      features: Float32Array.from(points.flat()),
      classes: points.map(([x, y]) => (x === y ? 'same' : 'other')),
    }
    expect(linearProbe(either.features, either, 2).leftOut).toBeLessThan(0.65)
  })

  it('says the commonest class where features say nothing', () => {
    const known = {
      features: new Float32Array(30),
      classes: Array.from({ length: 10 }, (_, at) => (at < 6 ? 'a' : 'b')),
    }
    expect(linearProbe(new Float32Array(6), known, 3).classes).toEqual(['a', 'a'])
  })

  it('is not fooled by features enough to fit any classes: left out, they are guessed', () => {
    const known = {
      features: Float32Array.from(noise(60 * 200)),
      classes: Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? 'a' : 'b')),
    }
    const { classes, leftOut } = linearProbe(known.features, known, 200)
    expect(leftOut).toBeLessThan(0.75)
    expect(classes.filter((name, at) => name === known.classes[at]).length).toBeGreaterThan(50)
  })

  it('leaves each reference out as if it had been fitted without it', () => {
    // Of one value each: two classes of three pictures, and a stray one that only its own weight pulls to its side.
    const values = [-1, -1.1, -0.9, 1, 1.1, 0.9, -1.2]
    const known = { features: Float32Array.from(values), classes: ['l', 'l', 'l', 'r', 'r', 'r', 'r'] }
    expect(linearProbe(known.features, known, 1).leftOut).toBeCloseTo(6 / 7)
  })

  it('needs two pictures', () => {
    expect(() => linearProbe(new Float32Array(1), { features: new Float32Array(1), classes: ['a'] }, 1)).toThrow(
      'at least 2',
    )
  })
})
