import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { PretrainedEncoder } from '../../../src-shared/multimodal.ts'
import { PATCH_WIDTH, type PatchForm, patchNetwork } from '../../../test/fixtures/patch-network.ts'
import { tinyStageTwoConfig } from '../../../test/fixtures/tiny-stage-two-config.ts'
import { openPatchEncoder, type PatchEncoder, patchOpener } from './patch-encoder.ts'

const folder = mkdtempSync(join(tmpdir(), 'patches-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const of = (path: string, changes: Partial<PretrainedEncoder> = {}): PretrainedEncoder => ({
  ...{ path, width: PATCH_WIDTH, patches: 16, resize: 'plain' },
  ...changes,
})
/** A picture whose quarter at the top left alone is not black. */
const corner = (side: number): Uint8Array =>
  Uint8Array.from({ length: side * side * 3 }, (_, at) => {
    const [row, column] = [Math.floor(at / (side * 3)), Math.floor(at / 3) % side]
    return row < side / 2 && column < side / 2 ? 200 : 0
  })

it('gives the vectors of patches in row order, whatever form they have, without the class token', async () => {
  const read: Float32Array[] = []
  for (const form of ['vectors', 'class token first', 'maps'] satisfies PatchForm[]) {
    const path = patchNetwork(folder, form)
    const encoder = await openPatchEncoder(of(path), 1)
    expect(encoder.sentence).toContain(createHash('sha256').update(readFileSync(path)).digest('hex'))
    read.push(await encoder.encode(corner(32), 32))
    await encoder.dispose()
  }
  const [vectors, ...others] = read as [Float32Array, ...Float32Array[]]
  expect(vectors.length).toBe(16 * PATCH_WIDTH)
  for (const other of others) expect(other).toEqual(vectors)
  const isLit = Array.from({ length: 16 }, (_, patch) =>
    vectors.subarray(patch * PATCH_WIDTH, (patch + 1) * PATCH_WIDTH).some((value) => value !== 0),
  )
  expect(isLit.map(Number)).toEqual([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
})

it('brings pictures of another side to that of its input', async () => {
  const encoder = await openPatchEncoder(of(patchNetwork(folder, 'vectors')), 1)
  const [small, large] = [await encoder.encode(corner(32), 32), await encoder.encode(corner(96), 96)]
  // Patches away from the edge, which another size blurs.
  for (const patch of [0, 15])
    for (let at = patch * PATCH_WIDTH; at < (patch + 1) * PATCH_WIDTH; at++)
      expect(large[at]).toBeCloseTo(small[at] as number, 5)
  await encoder.dispose()
})

it('names what the file gives where that is something else, and a file that is not there', async () => {
  const path = patchNetwork(folder, 'class token first')
  await expect(openPatchEncoder(of(path, { width: 768 }), 1)).rejects.toThrow(
    'no output of 16 vectors of width 768 a picture, as multimodal.encoder says; it has last_hidden_state float32[1, 17, 24]',
  )
  await expect(openPatchEncoder(of(path, { patches: 49 }), 1)).rejects.toThrow('49 vectors')
  await expect(openPatchEncoder(of(join(folder, 'none.onnx')), 1)).rejects.toThrow('there is no file')
})

it('is opened for the paradigm that reads by it alone, and refused once its file is another', async () => {
  const path = patchNetwork(folder, 'maps')
  const config = (paradigm: 'unified' | 'visual-encoder') =>
    tinyStageTwoConfig('name', ({ multimodal }) => Object.assign(multimodal, { paradigm, encoder: of(path) }))
  expect(patchOpener(config('unified'), 1)).toBeNull()
  const trained: { encoder?: string } = {}
  const open = patchOpener(config('visual-encoder'), 1, trained) as () => Promise<PatchEncoder>
  const encoder = await open()
  expect(trained).toEqual({ encoder: encoder.sha256 })
  await encoder.dispose()
  await (await open()).dispose()
  patchNetwork(folder, 'maps', { bias: 1 })
  await expect(open()).rejects.toThrow(/is another file .* than the one that the run was trained with/)
})
