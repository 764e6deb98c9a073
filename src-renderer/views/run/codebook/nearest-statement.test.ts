import { expect, it } from 'vitest'
import { compareNearest } from './nearest-statement.ts'

it('calls a code closer than chance when its tokens are nearer than those of a shuffled codebook', () => {
  const said = compareNearest(7, [7, 3], [0.2, 0.4], [1, 1])
  expect(said).toMatchObject({ closer: true })
  expect(said.ratio).toBeCloseTo(0.3)
  expect(said.sentence).toMatch(/^Its own token is the nearest; .* 0\.30 times .*closer to LLM tokens than chance\.$/)
})

it('does not call it closer when the difference is within a twentieth', () => {
  const said = compareNearest(7, [3, 7], [0.97, 0.99], [1, 1])
  expect(said.closer).toBe(false)
  expect(said.sentence).toMatch(/number 2 of the nearest.*no closer to LLM tokens than chance/)
})

it('says when it is farther than chance, and when its own token is far away', () => {
  expect(compareNearest(7, [3, 4], [2, 2], [1, 1]).sentence).toMatch(
    /not among the 2 nearest.*farther from LLM tokens than chance/,
  )
})
