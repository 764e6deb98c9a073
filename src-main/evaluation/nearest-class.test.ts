import { expect, it } from 'vitest'
import { nearestClasses } from './nearest-class.ts'

const known = {
  features: Float32Array.from([1, 0, 2, 0.1, 3, 0.2, 0, 1, 0.1, 2, 0.2, 3].concat([1, 0.05])),
  classes: ['right', 'right', 'right', 'up', 'up', 'up', 'stray'],
}

it('gives the class that most of the five nearest directions have, whatever their length', () => {
  expect(nearestClasses(Float32Array.from([100, 1, 0.01, 0.5]), known, 2)).toEqual(['right', 'up'])
})

it('gives the nearer one of classes with as many votes', () => {
  const pairs = { features: Float32Array.from([1, 0, 1, 0.5, 0, 1, 0.5, 1]), classes: ['a', 'a', 'b', 'b'] }
  expect(nearestClasses(Float32Array.from([1, 0.1, 0.1, 1]), pairs, 2)).toEqual(['a', 'b'])
})

it('takes a picture without features as like any other', () => {
  expect(nearestClasses(Float32Array.of(0, 0), known, 2)).toHaveLength(1)
})
