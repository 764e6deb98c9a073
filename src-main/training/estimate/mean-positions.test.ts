import { expect, it } from 'vitest'
import { tinyStageTwoConfig } from '../../../test/fixtures/tiny-stage-two-config.ts'
import { meanPositions } from './mean-positions.ts'

/** Words of a turn, as the quick presets' dialogues have them. */
const TURN = 13

it('counts the codes of a picture that is painted, and the cells of one that is read', () => {
  // Maps of 2 × 2 and 4 × 4.
  expect(meanPositions(tinyStageTwoConfig('paint'))).toBe(TURN + 20)
  const read = (input: 'aggregated' | 'flattened') =>
    meanPositions(tinyStageTwoConfig('name', ({ multimodal }) => Object.assign(multimodal, { input })))
  expect([read('aggregated'), read('flattened')]).toEqual([TURN + 4, TURN + 20])
  const segments = (count: number) =>
    meanPositions(
      tinyStageTwoConfig('decompression', ({ multimodal }) =>
        Object.assign(multimodal, { segments: count, context: 1000 }),
      ),
    )
  expect(segments(4) - segments(2)).toBe(2 * TURN)
})

it('is the mean over the tasks by their weights, and never more than the context', () => {
  const both = tinyStageTwoConfig('paint', ({ multimodal }) => Object.assign(multimodal.tasks, { name: 3 }))
  expect(meanPositions(both)).toBe((TURN + 20 + 3 * (TURN + 4)) / 4)
  const short = tinyStageTwoConfig('paint', ({ multimodal }) => Object.assign(multimodal, { context: 25 }))
  expect(meanPositions(short)).toBe(25)
  const written = tinyStageTwoConfig('dialogue', ({ multimodal }) =>
    Object.assign(multimodal, { dialoguesPath: 'a.json', picturesPath: 'a' }),
  )
  expect(meanPositions(written)).toBe(written.multimodal.context)
})
