import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ORPCError } from '@orpc/server'
import { describe, expect, it } from 'vitest'
import { sampleFileName, syncFileName } from '../../../src-shared/events.ts'
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../../../src-shared/safetensors.ts'
import { temporaryFolder } from '../../../test/fakes/temporary-folder.ts'
import { codeHistory } from './code-history.ts'
import { codePatches } from './code-patches.ts'
import { createColumnCache } from './recorded-steps.ts'
import { readSync, syncSteps } from './syncs.ts'
import { openTensorParts } from './tensor-parts.ts'
import { usageOverTime } from './usage-over-time.ts'

const int = (...values: number[]): StoredTensor => ({
  dtype: 'I32',
  shape: [values.length],
  data: Int32Array.from(values),
})
const float = (...values: number[]): StoredTensor => ({
  dtype: 'F32',
  shape: [values.length],
  data: Float32Array.from(values),
})

/** A sample of 2 pictures of 4 px with one layer of 2 × 2 codes out of 6. */
function write(folder: string, step: number, codes: number[], more: Record<string, StoredTensor> = {}): string {
  const path = join(folder, sampleFileName(step))
  const pixels = (shift: number) => Uint8Array.from({ length: 2 * 4 * 4 * 3 }, (_, at) => (at + shift) % 256)
  const usage = Array.from({ length: 6 }, (_, code) => codes.filter((one) => one === code).length)
  writeFileSync(
    path,
    encodeSafetensors(
      {
        input: { dtype: 'U8', shape: [2, 4, 4, 3], data: pixels(0) },
        reconstruction: { dtype: 'U8', shape: [2, 4, 4, 3], data: pixels(step) },
        'codes.0': { dtype: 'I32', shape: [2, 2, 2], data: Int32Array.from(codes) },
        'usage.0': int(...usage),
        ...more,
      },
      { captions: JSON.stringify(['a cat', 'a dog']) },
    ),
  )
  return path
}
const query = {
  layer: 0,
  hits: 'heldOut',
  order: 'usage',
  reduce: 'max',
  show: 'all',
  rows: 100,
  columns: 100,
} as const
const bytesOf = async (file: Blob) => decodeSafetensors(new Uint8Array(await file.arrayBuffer())).tensors
const numbers = (tensor: StoredTensor | undefined): number[] => Array.from((tensor?.data ?? []) as ArrayLike<number>)
const problemOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ORPCError)
  return error as ORPCError<string, { hint: string }>
}

describe('reading parts of a file', () => {
  it('reads the values asked for, and refuses what is not there', async () => {
    const parts = await openTensorParts(write(temporaryFolder(), 5, [0, 1, 2, 3, 4, 5, 5, 5]))
    try {
      expect(parts.shape('codes.0')).toEqual([2, 2, 2])
      expect([...(await parts.read('codes.0', 'I32', 4, 3))]).toEqual([4, 5, 5])
      expect([...(await parts.read('usage.0', 'I32'))]).toEqual([1, 1, 1, 1, 1, 3])
      await expect(parts.read('usage.0', 'I32', 5, 2)).rejects.toThrow(/"usage.0" has 6 elements; 5 to 7/)
      await expect(parts.read('usage.0', 'F32')).rejects.toThrow(/is I32; F32 is expected/)
      await expect(parts.read('usage.1', 'I32')).rejects.toThrow(/has no tensor "usage.1"/)
    } finally {
      await parts.close()
    }
  })

  it('says of a torn file that it is truncated', async () => {
    const path = write(temporaryFolder(), 5, [0, 1, 2, 3, 4, 5, 5, 5])
    truncateSync(path, 400)
    await expect(openTensorParts(path)).rejects.toThrow(/truncated/)
  })
})

describe('usage over time', () => {
  it('brings the most used code to the top and keeps every hit', async () => {
    const folder = temporaryFolder()
    write(folder, 0, [0, 0, 0, 1, 1, 1, 1, 2])
    write(folder, 10, [1, 1, 1, 1, 5, 5, 5, 2])
    const result = await usageOverTime(folder, query, createColumnCache())
    expect(result).toMatchObject({ steps: [0, 10], rows: 6, columns: 2, codebookSize: 6, mostHits: 4, unreadable: [] })
    expect(result.restarts).toEqual([])
    const { codes, value, top } = await bytesOf(result.file)
    expect(numbers(codes)).toEqual([1, 0, 5, 2, 3, 4])
    expect(numbers(value)).toEqual([4, 4, 3, 0, 0, 3, 1, 1, 0, 0, 0, 0])
    expect(top?.shape).toEqual([6, 2])
  })

  it('leaves out codes that the layer never used, where only used ones are wanted', async () => {
    const folder = temporaryFolder()
    write(folder, 0, [0, 0, 0, 1, 1, 1, 1, 4])
    write(folder, 10, [1, 1, 1, 1, 5, 5, 5, 4])
    const result = await usageOverTime(folder, { ...query, show: 'used' }, createColumnCache())
    expect(result).toMatchObject({ rows: 4, codebookSize: 6, everUsed: 4 })
    expect(numbers((await bytesOf(result.file)).codes)).toEqual([1, 0, 5, 4])
  })

  it('shows only the codes asked for, and reads training hits where they are wanted', async () => {
    const folder = temporaryFolder()
    write(folder, 0, [0, 0, 0, 0, 0, 0, 0, 0], {
      'history.window.0': int(0, 0, 7, 0, 9, 0),
      'history.restarts': int(2, 0, 1, 0, 0, 0),
    })
    const result = await usageOverTime(folder, { ...query, hits: 'window', codes: [2, 3, 99] }, createColumnCache())
    const { codes, value } = await bytesOf(result.file)
    expect(numbers(codes)).toEqual([2, 3])
    expect(numbers(value)).toEqual([7, 0])
    expect(result.restarts).toEqual([3])
  })

  it('reads a sample anew when a resumed run has written it again', async () => {
    const folder = temporaryFolder()
    const column = createColumnCache()
    write(folder, 0, [0, 0, 0, 0, 0, 0, 0, 0])
    expect((await usageOverTime(folder, query, column)).mostHits).toBe(8)
    await new Promise((resolve) => setTimeout(resolve, 20))
    write(folder, 0, [0, 0, 0, 0, 0, 1, 1, 1])
    expect((await usageOverTime(folder, query, column)).mostHits).toBe(5)
  })

  it('passes over a torn sample and names it; without any other it is an error with a remedy', async () => {
    const folder = temporaryFolder()
    truncateSync(write(folder, 0, [0, 0, 0, 1, 1, 1, 1, 2]), 100)
    const problem = await problemOf(usageOverTime(folder, query, createColumnCache()))
    expect(problem).toMatchObject({ code: 'UNREADABLE' })
    expect(problem.message).toMatch(/at step 0, .*truncated/)
    write(folder, 10, [1, 1, 1, 1, 5, 5, 5, 2])
    const result = await usageOverTime(folder, query, createColumnCache())
    expect(result.steps).toEqual([10])
    expect(result.unreadable).toMatchObject([{ step: 0, message: expect.stringMatching(/truncated/) }])
  })

  it('says that an old run has no training hits, and what to choose instead', async () => {
    const folder = temporaryFolder()
    write(folder, 0, [0, 0, 0, 1, 1, 1, 1, 2])
    const problem = await problemOf(usageOverTime(folder, { ...query, hits: 'window' }, createColumnCache()))
    expect(problem.message).toMatch(/no "history.window.0"/)
    expect(problem.data.hint).toMatch(/held-out hits/)
    expect((await problemOf(usageOverTime(temporaryFolder(), query, createColumnCache()))).code).toBe('NOT_FOUND')
  })
})

describe('the life of a code', () => {
  it('gathers one code’s values over the samples, and its neighbours at the last one that uses it', async () => {
    const folder = temporaryFolder()
    const nearest = {
      'nearest.codes': int(2, 5),
      'nearest.tokens': { dtype: 'I32', shape: [2, 2], data: Int32Array.of(2, 0, 4, 5) },
      'nearest.distances': { dtype: 'F32', shape: [2, 2], data: Float32Array.of(0.5, 1, 0.25, 2) },
      'nearest.shuffled': { dtype: 'F32', shape: [2, 2], data: Float32Array.of(3, 4, 5, 6) },
    } satisfies Record<string, StoredTensor>
    write(folder, 0, [0, 0, 0, 0, 0, 0, 5, 5], {
      'history.window.0': int(0, 0, 0, 0, 0, 12),
      'history.birth.0': int(0, -1, -1, -1, -1, 0),
      'history.lastUse.0': int(0, -1, -1, -1, -1, 0),
      'history.restarts': int(0, 0, 0, 0, 0, 1),
      'history.lastRestart': int(-1, -1, -1, -1, -1, 0),
      'drift.rank': int(0, 0, 0, 0, 0, 3),
      norm: float(1, 1, 1, 1, 1, 2),
      ...nearest,
    })
    write(folder, 10, [0, 0, 0, 0, 0, 0, 0, 0], {
      'history.window.0': int(0, 0, 0, 0, 0, 1),
      'history.birth.0': int(0, -1, -1, -1, -1, 0),
      'history.lastUse.0': int(0, -1, -1, -1, -1, 4),
      'history.restarts': int(0, 0, 0, 0, 0, 2),
      'history.lastRestart': int(-1, -1, -1, -1, -1, 7),
      'drift.rank': int(0, 0, 0, 0, 0, -1),
      norm: float(1, 1, 1, 1, 1, Number.NaN),
    })
    expect(await codeHistory(folder, 5)).toEqual({
      code: 5,
      codebookSize: 6,
      steps: [0, 10],
      layers: [{ heldOut: [2, 0], window: [12, 1], birth: 0, lastUse: 4 }],
      norm: [2, null],
      cosine: [null, null],
      distance: [null, null],
      rank: [3, null],
      restarts: 2,
      restartSteps: [0, 7],
      nearest: { step: 0, tokens: [4, 5], distances: [0.25, 2], shuffled: [5, 6] },
      unreadable: [],
    })
  })

  it('refuses a code that the codebook does not have', async () => {
    const folder = temporaryFolder()
    write(folder, 0, [0, 0, 0, 0, 0, 0, 5, 5])
    expect((await problemOf(codeHistory(folder, 6))).message).toMatch(/6 codes; there is no code 6/)
  })
})

describe('patches of a code', () => {
  it('cuts what the code paints, newest sample first, and each region once', async () => {
    const folder = temporaryFolder()
    write(folder, 0, [3, 0, 0, 0, 0, 0, 0, 3])
    write(folder, 10, [0, 0, 0, 0, 0, 0, 0, 3])
    const { patches, file } = await codePatches(folder, { code: 3, step: 99, limit: 10, margin: 0 })
    expect(patches).toEqual([
      { step: 10, layer: 0, picture: 1, cell: 3, side: 2, caption: 'a dog' },
      { step: 0, layer: 0, picture: 0, cell: 0, side: 2, caption: 'a cat' },
    ])
    const tensors = await bytesOf(file)
    // Picture 1 starts at byte 48; its cell 3 at row 2, column 2.
    expect(numbers(tensors['input.0']).slice(0, 4)).toEqual([78, 79, 80, 255])
    expect(numbers(tensors['reconstruction.0']).slice(0, 4)).toEqual([88, 89, 90, 255])
    expect(tensors['input.1']?.shape).toEqual([2, 2, 4])
  })

  it('stops at the limit and looks at no later step than asked', async () => {
    const folder = temporaryFolder()
    write(folder, 0, [3, 3, 3, 3, 3, 3, 3, 3])
    write(folder, 10, [3, 3, 3, 3, 3, 3, 3, 3])
    const { patches } = await codePatches(folder, { code: 3, step: 5, limit: 3, margin: 0 })
    expect(patches.map(({ step, cell }) => [step, cell])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ])
  })
})

describe('syncs', () => {
  it('lists those that were kept, and says what is wrong with one that is torn or missing', async () => {
    const folder = temporaryFolder()
    expect(syncSteps(join(folder, 'missing'))).toEqual([])
    const path = join(folder, syncFileName(30))
    writeFileSync(path, encodeSafetensors({ moved: int(1) }))
    writeFileSync(join(folder, '.sync-00000040.safetensors.tmp'), '')
    expect(syncSteps(folder)).toEqual([30])
    expect((await bytesOf(readSync(folder, 30))).moved?.data).toEqual(Int32Array.of(1))
    truncateSync(path, 20)
    expect(() => readSync(folder, 30)).toThrow(/cannot be read/)
    expect(() => readSync(folder, 31)).toThrow(/no record of a sync at step 31/)
  })
})
