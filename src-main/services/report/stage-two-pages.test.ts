import sharp from 'sharp'
import { expect, it } from 'vitest'
import type { AblationDetail } from '../../../src-shared/contract/ablations.ts'
import { PAINTING_REQUESTS } from '../../../src-shared/events.ts'
import type { HeldOutAnswer } from '../../../src-shared/held-out-answers.ts'
import { encodeSafetensors } from '../../../src-shared/safetensors.ts'
import { stageTwoPages } from './stage-two-pages.ts'

const SIDE = 32
const arm = (label: string, ...runIds: string[]) => ({ label, runIds })
const detail = { arms: [arm('unified', 'a0', 'a1'), arm('encoder', 'b0')] } as unknown as AblationDetail

/** Ten pictures, each of one grey. */
const painted = () => {
  const data = new Uint8Array(10 * SIDE * SIDE * 3)
  for (let at = 0; at < 10; at++) data.fill(at * 20, at * SIDE * SIDE * 3, (at + 1) * SIDE * SIDE * 3)
  const asked = Array.from({ length: 10 }, (_, at) => `Draw ${at}|${at}.`)
  return encodeSafetensors(
    { painting: { dtype: 'U8', shape: [10, SIDE, SIDE, 3], data } },
    { [PAINTING_REQUESTS]: JSON.stringify(asked) },
  )
}
const answer = (place: number, right: boolean): HeldOutAnswer => ({
  task: 'name',
  place,
  turn: 0,
  question: '<image>\nWhat is this?',
  answer: 'A cat',
  said: right ? 'A cat' : 'A dog',
  right,
  blind: false,
})

it('shows what the first seed of each arm painted, in order, and the first answers with their share and interval', async () => {
  const asked: string[] = []
  const { files, lines } = await stageTwoPages(detail, {
    painting: async (id) => {
      asked.push(id)
      return id === 'a0' ? painted() : null
    },
    answers: async (id) => (id === 'b0' ? Array.from({ length: 20 }, (_, at) => answer(at, at < 10)) : null),
  })
  expect(asked).toEqual(['a0', 'b0'])
  expect(Object.keys(files)).toEqual(['paintings-1.png'])
  const { data, info } = await sharp(files['paintings-1.png'] as Uint8Array)
    .raw()
    .toBuffer({ resolveWithObject: true })
  // Eight in a row at twice their size, four pixels apart.
  expect([info.width, info.height]).toEqual([8 * 68 - 4, 2 * 68 - 4])
  const grey = (x: number, y: number) => data[(y * info.width + x) * info.channels]
  expect([grey(10, 10), grey(7 * 68 + 10, 10), grey(68 + 10, 68 + 10), grey(2 * 68 + 10, 68 + 10)]).toEqual([
    0,
    140,
    9 * 20,
    255,
  ])
  const page = lines.join('\n')
  expect(page).toContain('1. Draw 0\\|0. · Draw 1\\|1.')
  expect(page).toContain('2. Draw 8\\|8. · Draw 9\\|9.')
  expect(page).toContain('| **what is this** | 10 of 20 right: 50.0 % [29.9, 70.1] |')
  expect(page.match(/\| What is this\? \| A cat \| A cat \| ✓ \|/g)).toHaveLength(6)
})

it('is nothing where there is no second stage', async () => {
  const nothing = { painting: async () => null, answers: async () => null }
  expect(await stageTwoPages(detail, nothing)).toEqual({ files: {}, lines: [] })
})
