import { beforeAll, expect, test } from 'vitest'
import { infosOf as infosOfListing } from '../../../test/fakes/listing.ts'
import type { PictureInfo } from '../picture-set.ts'
import { splitByConcept } from '../split.ts'
import { listEmoji } from './emoji.ts'

const infosOf = (styles: ('fluent-3d' | 'openmoji')[], skinTones: boolean): Promise<PictureInfo[]> =>
  infosOfListing(listEmoji({ kind: 'emoji', styles, background: '#ffffff', skinTones }))

let all: PictureInfo[]
beforeAll(async () => {
  all = await infosOf(['fluent-3d', 'openmoji'], true)
})
const withId = (id: string): PictureInfo | undefined => all.find((info) => info.id === id)

test('an emoji has its name, tags and groups, and a caption that names its style', () => {
  expect(withId('fluent-3d/1f34e')).toEqual({
    id: 'fluent-3d/1f34e',
    concept: '1f34e',
    label: 'red apple',
    caption: 'a 3D drawing of a red apple',
    group: 'food-drink',
    subgroup: 'food-fruit',
    tags: expect.arrayContaining(['apple', 'fruit']),
    style: 'fluent-3d',
  })
  expect(withId('openmoji/1f34e')).toMatchObject({ concept: '1f34e', caption: 'a flat drawing of a red apple' })
})

test('skin tones share the concept of their base, and genders have concepts of their own', () => {
  expect(withId('fluent-3d/1f44b-1f3ff')).toMatchObject({
    concept: '1f44b',
    caption: 'a 3D drawing of a waving hand with dark skin tone',
  })
  const [woman, man] = [withId('openmoji/1f469-200d-1f680'), withId('openmoji/1f468-200d-1f680')]
  expect(woman?.label).toBe('woman astronaut')
  expect(woman?.concept).not.toBe(man?.concept)
})

test('both spellings of a file name are found, and no picture comes twice', () => {
  for (const [id, label] of [
    ['fluent-3d/a9', 'copyright'],
    ['fluent-3d/23-20e3', 'keycap: #'],
    ['fluent-3d/1f3f4-e0067-e0062-e0073-e0063-e0074', 'flag: Scotland'],
    ['openmoji/2764', 'red heart'],
  ] as const)
    expect(withId(id)?.label).toBe(label)
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
})

test('nothing without a group is offered: swatches, regional indicators, additions of one package', () => {
  expect(all.filter(({ group, subgroup, label }) => group === 'component' || !group || !subgroup || !label)).toEqual([])
  expect(all.some(({ label }) => label.startsWith('regional indicator'))).toBe(false)
  expect(all.some(({ id }) => id.startsWith('openmoji/e0'))).toBe(false)
})

test('no concept is on both sides of the split, across styles and skin tones', () => {
  const { training, heldOut } = splitByConcept(all, { heldOut: 0.1, splitSeed: 0 })
  const concepts = (side: number[]) => new Set(side.map((index) => all[index]?.concept))
  const trained = concepts(training)
  expect([...concepts(heldOut)].filter((concept) => trained.has(concept))).toEqual([])
  expect(training.length + heldOut.length).toBe(all.length)
  expect(concepts(heldOut).size / new Set(all.map(({ concept }) => concept)).size).toBeCloseTo(0.1, 1)
})

test('without skin tones each style gives one picture a concept', async () => {
  const plain = await infosOf(['fluent-3d'], false)
  expect(plain.length).toBeGreaterThan(1800)
  expect(new Set(plain.map(({ concept }) => concept)).size).toBe(plain.length)
  expect(plain.some(({ label }) => label.includes('skin tone'))).toBe(false)
})
