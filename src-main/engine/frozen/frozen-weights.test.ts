import { rmSync, truncateSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compile } from '../compile.ts'
import { valueAndGradients } from '../gradients.ts'
import { floats, STATE_PREFIX } from '../runtimes/runtime.ts'
import { randomFloats, randomIntegers, runtimes, specsOf } from '../testing/programs.ts'
import { type Tensor, tf } from '../tf.ts'
import type { Traced } from '../trace.ts'
import { dequantiseBlocks, quantiseBlocks } from './blocks.ts'
import { freezeWeights, openFrozenWeights, readFrozen, type Storage, storages } from './frozen-weights.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frozen-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const [ROWS, WIDTH, HIDDEN] = [24, 64, 128]
const table = randomFloats(1, [ROWS, WIDTH])
const up = randomFloats(2, [HIDDEN, WIDTH])
const scale = randomFloats(3, [WIDTH], 0.5, 1.5)

const freeze = (storage: Storage, name = storage as string) =>
  freezeWeights(join(folder, `${name}.bin`), {
    table: { shape: table.shape, storage, read: async () => table.data as Float32Array },
    up: { shape: up.shape, storage, read: async () => up.data as Float32Array },
    scale: { shape: scale.shape, storage: 'float32', read: async () => scale.data as Float32Array },
  })

/** Reads a row of the table, goes through a frozen matrix and back through the table, and trains what is before it. */
const step: Traced = ({ table, up, scale, ids, shift }) => {
  const { loss, gradients } = valueAndGradients(
    () => {
      const x = tf.add(tf.mul(tf.gather(table as Tensor, ids as tf.Tensor1D), scale as Tensor), shift as Tensor)
      const hidden = tf.tanh(tf.matMul(x as tf.Tensor2D, up as tf.Tensor2D, false, true))
      const back = tf.matMul(hidden as tf.Tensor2D, up as tf.Tensor2D)
      const logits = tf.matMul(back as tf.Tensor2D, table as tf.Tensor2D, false, true)
      return { loss: tf.mean(tf.square(logits)), aside: {} }
    },
    { shift: shift as Tensor },
  )
  return { loss, gradient: gradients.shift as Tensor }
}

describe('blocks of few bits', () => {
  it.each([4, 8] as const)('hold %d-bit weights within half a step, and 0 exactly in 8', (bits) => {
    const weights = randomFloats(5, [6, 64], -2, 3).data as Float32Array
    weights[7] = 0
    const stored = quantiseBlocks(weights, 64, bits)
    const back = dequantiseBlocks(stored, bits)
    for (const [at, weight] of weights.entries()) {
      const scale = stored.scales[Math.floor(at / 32)] as number
      expect(Math.abs(weight - (back[at] as number))).toBeLessThanOrEqual(0.501 * scale)
    }
    if (bits === 8) expect(back[7]).toBe(0)
    expect(stored.values.length).toBe((weights.length * bits) / 8)
  })

  it('keep weights in 4 bits that were on a grid of 16 steps before, wherever it begins', () => {
    const grid = Float32Array.from({ length: 128 }, (_, at) => 0.7 + 0.013 * ((at * 7) % 16))
    const back = dequantiseBlocks(quantiseBlocks(grid, 64, 4), 4)
    for (const [at, weight] of grid.entries()) expect(back[at]).toBeCloseTo(weight, 6)
  })

  it('keep a block of zeros, and refuse widths and numbers that do not fit', () => {
    expect([...dequantiseBlocks(quantiseBlocks(new Float32Array(64), 64, 4), 4)]).toEqual(Array(64).fill(0))
    expect(() => quantiseBlocks(new Float32Array(96), 32, 4)).toThrow('rows of 32 numbers cannot be stored in 4 bits')
    expect(() => quantiseBlocks(Float32Array.of(...Array(63).fill(1), Number.NaN), 64, 8)).toThrow('weight 63 is NaN')
  })
})

describe('frozen weights in a file', () => {
  it.each(storages)('are read back as the %s numbers that they stand for', async (storage) => {
    const frozen = await freeze(storage)
    const tolerance = { float32: 0, float16: 5e-4, int8: 0.008, int4: 0.14 }[storage]
    const read = await readFrozen(frozen, 'up')
    const off = Math.max(...Array.from(up.data, (value, at) => Math.abs(value - (read.data[at] as number))))
    expect(off).toBeLessThanOrEqual(tolerance)
    expect(openFrozenWeights(frozen.path)?.tensors).toEqual(frozen.tensors)
  })

  it('are not taken for whole when the file was cut off, and are refused when a weight does not fit', async () => {
    const { path } = await freeze('int4', 'cut')
    truncateSync(path, 4096)
    expect(openFrozenWeights(path)).toBeNull()
    const bad = { vector: { shape: [64], storage: 'int4', read: async () => new Float32Array(64) } } as const
    await expect(freezeWeights(join(folder, 'bad.bin'), bad)).rejects.toThrow(
      'the weight "vector" [64] cannot be stored as int4: only matrices',
    )
    expect(openFrozenWeights(join(folder, 'bad.bin'))).toBeNull()
  })
})

describe.each(runtimes)('programs over frozen weights on $name', (runtime) => {
  const ids = randomIntegers(4, [5], ROWS)
  const shift = randomFloats(6, [5, WIDTH])

  it.each(storages)('compute with %s weights as with the numbers that they stand for', async (storage) => {
    const frozen = await freeze(storage, `${runtime.name} ${storage}`.replaceAll(' ', '-'))
    const state = runtime.createState({ shift }, frozen)
    expect(state.names()).toEqual(['shift', 'table', 'up', 'scale'])
    const program = await compile(runtime, state, 'frozen', specsOf({ ids }), state.names(), step)
    const got = await program.run({ ids })
    await program.dispose()
    const thawed = runtime.createState({
      shift,
      table: await readFrozen(frozen, 'table'),
      up: await readFrozen(frozen, 'up'),
      scale,
    })
    const plain = await compile(runtime, thawed, 'plain', specsOf({ ids }), thawed.names(), step)
    const want = await plain.run({ ids })
    await plain.dispose()
    // Products with block weights round their activations to 8 bits.
    const tolerance = storage === 'int8' || storage === 'int4' ? 0.05 : 1e-5
    for (const name of ['loss', 'gradient']) {
      const [a, b] = [floats(got, name), floats(want, name)]
      const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      const off = b.reduce((most, value, at) => Math.max(most, Math.abs(value - (a[at] as number))), 0)
      expect(off / largest, name).toBeLessThan(tolerance)
    }
  })

  it('refuse to replace one, and to write one', async () => {
    const frozen = await freeze('float32', `${runtime.name}-refuse`.replaceAll(' ', '-'))
    const state = runtime.createState({}, frozen)
    const replace = compile(runtime, state, 'replace', {}, ['up'], ({ up }) => ({
      [`${STATE_PREFIX}up`]: tf.neg(up as Tensor),
    }))
    await expect(replace).rejects.toThrow('"up" is a frozen weight, which no program can replace')
    await expect(state.write('up', up)).rejects.toThrow('"up" is a frozen weight and cannot be written')
    expect([...(await state.read('scale')).data]).toEqual([...scale.data])
  })
})
