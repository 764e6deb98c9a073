import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CodeHistory } from './code-history.ts'

const CODES = 7
const steps = fc.array(
  fc.record({
    maps: fc.array(fc.array(fc.nat(CODES - 1), { maxLength: 12 }), { minLength: 2, maxLength: 2 }),
    restarted: fc.uniqueArray(fc.nat(CODES - 1)),
  }),
  { minLength: 1, maxLength: 12 },
)
type Steps = typeof steps extends fc.Arbitrary<infer Life> ? Life : never

function live(life: Steps, begin = 0, history = new CodeHistory(CODES, 2)): CodeHistory {
  for (const [at, { maps, restarted }] of life.entries()) {
    for (const [layer, map] of maps.entries()) history.use(begin + at + 1, layer, map)
    history.restart(begin + at + 1, restarted)
  }
  return history
}

describe('the history of codes', () => {
  it('knows first and last use, hits and restarts of every code in every layer, for any life', () => {
    fc.assert(
      fc.property(steps, (life) => {
        const history = live(life)
        for (let code = 0; code < CODES; code++) {
          for (const layer of [0, 1]) {
            const uses = life.flatMap(({ maps }, at) => (maps[layer]?.includes(code) ? [at + 1] : []))
            expect(history.birth[layer]?.[code]).toBe(uses[0] ?? -1)
            expect(history.lastUse[layer]?.[code]).toBe(uses.at(-1) ?? -1)
            const hits = life.flatMap(({ maps }) => maps[layer] ?? []).filter((hit) => hit === code)
            expect(history.window[layer]?.[code]).toBe(hits.length)
          }
          const restarts = life.flatMap(({ restarted }, at) => (restarted.includes(code) ? [at + 1] : []))
          expect(history.restarts[code]).toBe(restarts.length)
          expect(history.lastRestart[code]).toBe(restarts.at(-1) ?? -1)
        }
      }),
    )
  })

  it('goes on from what it wrote as if it had never stopped', () => {
    fc.assert(
      fc.property(steps, steps, (before, after) => {
        const resumed = new CodeHistory(CODES, 2)
        resumed.restore(live(before).toTensors())
        live(after, before.length, resumed)
        expect(resumed.toTensors()).toEqual(live([...before, ...after]).toTensors())
      }),
    )
  })

  it('counts a window anew after its end, and keeps first and last use', () => {
    const history = new CodeHistory(3, 1)
    history.use(1, 0, [2, 2])
    history.endWindow()
    history.use(2, 0, [1])
    expect([...(history.window[0] ?? [])]).toEqual([0, 1, 0])
    expect([...(history.birth[0] ?? [])]).toEqual([-1, 2, 1])
  })

  it('refuses codes outside the codebook and records of another codebook, naming them', () => {
    expect(() => new CodeHistory(3, 1).use(1, 0, [0, 3])).toThrow('code 3 at place 1 of layer 0')
    expect(() => new CodeHistory(3, 1).use(1, 0, [-1])).toThrow('code -1')
    expect(() => new CodeHistory(3, 1).use(1, 1, [0])).toThrow('layer 1 of 1')
    const other = new CodeHistory(4, 1).toTensors()
    expect(() => new CodeHistory(3, 1).restore(other)).toThrow('"history.birth.0" is I32 [4]')
    expect(() => new CodeHistory(4, 2).restore(other)).toThrow('lacks "history.birth.1"')
  })
})
