import { expect, it } from 'vitest'
import { seedNoise } from './seed-noise.ts'

const of = (name: string, ...values: number[]) => ({ name, values })

it('calls a difference larger than seed noise when its interval leaves out zero', () => {
  // Equal variances 1, n 3: standard error √(2/3), 4 degrees of freedom, t 2.7764.
  const apart = seedNoise(of('iter', 9, 10, 11), of('frozen', 4, 5, 6))
  expect(apart.verdict).toBe('larger')
  expect(apart.sentence).toBe(
    'iter is 5 above frozen (95 % interval of the difference 2.73 to 7.27, 3 and 3 seeds): larger than seed noise.',
  )
  const near = seedNoise(of('iter', 4.5, 5.5, 6.5), of('frozen', 4, 5, 6))
  expect(near.verdict).toBe('within')
  expect(near.sentence).toMatch(/^iter is 0.5 above frozen \(.*−1.77 to 2.77.*not larger than seed noise\.$/)
})

it('says nothing of single seeds, of values that are no numbers, and of none', () => {
  expect(seedNoise(of('a', 1), of('b', 2, 3))).toMatchObject({
    verdict: 'unknown',
    sentence: 'a is 1.5 below b, but a has one seed alone: how much seeds differ is not known.',
    difference: null,
  })
  expect(seedNoise(of('a', 1, Number.NaN), of('b', 2, 3)).sentence).toContain('a has a value that is not a number')
  expect(seedNoise(of('a'), of('b', 2, 3)).sentence).toContain('a has no value')
})

it('tells values that do not vary at all from noise', () => {
  expect(seedNoise(of('a', 1, 1), of('b', 1, 1))).toMatchObject({ verdict: 'within' })
  expect(seedNoise(of('a', 2, 2), of('b', 1, 1)).sentence).toBe(
    'a is 1 above b; all seeds of each give the same value (2 and 2 seeds), so the seeds do not explain it.',
  )
})
