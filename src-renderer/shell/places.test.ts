import { expect, it } from 'vitest'
import { parseAddress } from '../address.ts'
import { isWithin, places } from './places.ts'

const placesOf = (address: string) =>
  places.filter((place) => isWithin(place, parseAddress(address))).map(({ label }) => label)

it.each([
  ['/', 'Home'],
  ['/ablations/a1', 'Ablate'],
  ['/codebook', 'Codebook'],
  ['/runs', 'Runs'],
  ['/runs/r1', 'Runs'],
  ['/runs/r1?tab=drift', 'Runs'],
  ['/runs/r1?tab=codebook&step=10', 'Codebook'],
  ['/runs/r1?tab=maps', 'Code maps'],
  ['/runs/r1?tab=speak', 'Chat and paint'],
  ['/runs/r1?tab=edit', 'Runs'],
  ['/compare?tab=maps', 'Compare'],
  ['/paper?table=4', 'Live paper'],
])('puts %s in one place alone, %s', (address, label) => {
  expect(placesOf(address)).toEqual([label])
})

it('gives every place a letter of its own', () => {
  expect(new Set(places.map(({ key }) => key)).size).toBe(places.length)
})
