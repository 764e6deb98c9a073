import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { encodePng } from '../data/png.ts'
import { DataError } from '../data/source.ts'
import type { PictureReference } from './dialogue.ts'
import { type PictureOrigin, pixelsOf } from './scene-pixels.ts'

/** Picture i is plainly of colour (i, i, i). */
const originOf = (folder = ''): PictureOrigin => ({
  set: { resolution: 32, count: 100, pixels: (at) => new Uint8Array(32 * 32 * 3).fill(at) },
  folder,
  crop: 'cover',
})
const file = (path: string): PictureReference => ({ kind: 'file', path })

test('a picture of the set is given as it is at its own side, and scaled at another', async () => {
  const own = await pixelsOf({ kind: 'picture', picture: 7 }, 32, originOf())
  expect([own.length, new Set(own)]).toEqual([32 * 32 * 3, new Set([7])])
  const scaled = await pixelsOf({ kind: 'picture', picture: 7 }, 48, originOf())
  expect([scaled.length, new Set(scaled)]).toEqual([48 * 48 * 3, new Set([7])])
  await expect(pixelsOf({ kind: 'picture', picture: 100 }, 32, originOf())).rejects.toThrow(
    'picture 100, and the set has 100',
  )
})

test.each([16, 32, 33, 64])(
  'a scene of side %i shows each picture in its cell, and white where none is',
  async (side) => {
    const placements = [
      { picture: 10, row: 0, column: 1 },
      { picture: 20, row: 1, column: 0 },
    ]
    const scene = await pixelsOf({ kind: 'scene', side: 2, placements }, side, originOf())
    const cell = Math.floor(side / 2)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const [row, column] = [Math.floor(y / cell), Math.floor(x / cell)]
        const shown = placements.find((placement) => placement.row === row && placement.column === column)
        expect(scene[(y * side + x) * 3]).toBe(shown?.picture ?? 255)
      }
  },
)

test('a scene with a picture beside its grid, or of cells without a pixel, is refused', async () => {
  const beside = { kind: 'scene', side: 2, placements: [{ picture: 1, row: 2, column: 0 }] } as const
  await expect(pixelsOf(beside, 32, originOf())).rejects.toThrow('2×2 pictures has none in row 2, column 0')
  await expect(pixelsOf({ kind: 'scene', side: 9, placements: [] }, 8, originOf())).rejects.toThrow(
    'does not fit into 8',
  )
})

test('a file of the folder is decoded; what is missing or no picture is named', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'some'))
  writeFileSync(join(folder, 'some', 'grey.png'), await encodePng(new Uint8Array(40 * 40 * 3).fill(99), 40, 40))
  writeFileSync(join(folder, 'text.png'), 'not a picture')
  expect(new Set(await pixelsOf(file('some/grey.png'), 16, originOf(folder)))).toEqual(new Set([99]))
  await expect(pixelsOf(file('none.png'), 16, originOf(folder))).rejects.toThrow('"none.png" is not in the folder')
  await expect(pixelsOf(file('text.png'), 16, originOf(folder))).rejects.toThrow('"text.png" of')
  await expect(pixelsOf(file('none.png'), 16, originOf())).rejects.toThrow('multimodal.picturesPath names no folder')
})

test('no name and no symbolic link leads out of the folder', async () => {
  const outside = temporaryFolder()
  const picture = join(outside, 'secret.png')
  writeFileSync(picture, await encodePng(new Uint8Array(8 * 8 * 3), 8, 8))
  const folder = join(outside, 'pictures')
  mkdirSync(folder)
  symlinkSync(picture, join(folder, 'link.png'))
  symlinkSync(outside, join(folder, 'around'))
  for (const path of ['../secret.png', 'x/../../secret.png', picture, '', '.', 'link.png', 'around/secret.png'])
    await expect(pixelsOf(file(path), 8, originOf(folder)), path).rejects.toThrow(DataError)
  const folderLink = join(outside, 'pictures-link')
  symlinkSync(folder, folderLink)
  writeFileSync(join(folder, 'own.png'), await encodePng(new Uint8Array(8 * 8 * 3).fill(5), 8, 8))
  expect(new Set(await pixelsOf(file('own.png'), 8, originOf(folderLink)))).toEqual(new Set([5]))
})
