import { sep } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isRunId, newRunId, runPath } from './run-id.ts'

it('makes ids that sort by time and are ids', () => {
  const early = newRunId(new Date('2026-11-24T11:22:33Z'))
  const late = newRunId(new Date('2026-11-24T11:22:34Z'))
  expect(early).toMatch(/^20261124-112233-[0-9a-z]{6}$/)
  expect(early < late).toBe(true)
  expect(isRunId(early)).toBe(true)
})

it.each(['..', '../../etc', 'a/b', 'a\\b', '', '.hidden', 'a\0b', 'x'.repeat(81), 'C:', 'a b', '%2e%2e'])(
  'refuses the hostile id %j',
  (id) => {
    expect(() => runPath('/home/runs', id)).toThrow(/not allowed/)
  },
)

it('never leads out of the folder of runs', () => {
  fc.assert(
    fc.property(fc.string(), (id) => {
      if (!isRunId(id)) return
      const path = runPath(`${sep}runs`, id)
      expect(path).toBe(`${sep}runs${sep}${id}`)
    }),
  )
})
