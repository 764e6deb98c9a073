import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compile } from '../compile.ts'
import { freezeWeights } from '../frozen/frozen-weights.ts'
import { randomFloats, specsOf } from '../testing/programs.ts'
import { type Tensor, tf } from '../tf.ts'
import { onnxRuntime } from './onnx.ts'
import { floats } from './runtime.ts'

describe('graphs compiled before', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'graphs-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const graphs = () => readdirSync(join(folder, 'graphs'))

  const x = randomFloats(1, [2, 12, 12, 8])
  const filter = randomFloats(2, [3, 3, 8, 8])
  const weight = randomFloats(3, [16, 8])

  /** A convolution and a product with a weight in a file. */
  async function run(scale = 1): Promise<Float32Array> {
    const frozen = await freezeWeights(join(folder, 'weights'), {
      weight: { shape: weight.shape, storage: 'float32', read: async () => weight.data as Float32Array },
    })
    const runtime = onnxRuntime({ threads: 1, cache: join(folder, 'graphs') })
    const state = runtime.createState({ filter }, frozen)
    const program = await compile(runtime, state, 'cached', specsOf({ x }), state.names(), ({ x, filter, weight }) => {
      const map = tf.tanh(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same'))
      const rows = tf.reshape(tf.mul(map, scale), [-1, 8]) as tf.Tensor2D
      return { y: tf.matMul(rows, weight as tf.Tensor2D, false, true) as Tensor }
    })
    const y = floats(await program.run({ x }), 'y')
    await program.dispose()
    return y
  }

  it('give the same numbers, bit for bit, and are found again by their content', async () => {
    const first = await run()
    const [kept] = graphs()
    expect(kept).toMatch(/^[0-9a-f]{32}\.onnx$/)
    expect(statSync(join(folder, 'graphs', kept as string)).size).toBeGreaterThan(200)
    expect(await run()).toEqual(first)
    expect(graphs()).toEqual([kept])
    expect(await run(2)).not.toEqual(first)
    expect(graphs().length).toBe(2)
  })

  it('are read, not made again', async () => {
    await run()
    const path = join(folder, 'graphs', graphs()[0] as string)
    utimesSync(path, new Date(0), new Date(0))
    const inode = statSync(path).ino
    await run()
    expect(statSync(path).ino).toBe(inode)
    expect(statSync(path).mtimeMs).toBeGreaterThan(0)
  })

  it('are made again where a file was cut off', async () => {
    const first = await run()
    const path = join(folder, 'graphs', graphs()[0] as string)
    truncateSync(path, 100)
    expect(await run()).toEqual(first)
    expect(statSync(path).size).toBeGreaterThan(200)
  })
})
