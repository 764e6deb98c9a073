import { describe, expect, it } from 'vitest'
import { valueAndGradients } from '../gradients.ts'
import { float32, floats, type HostTensor, int32, ints, number } from '../runtimes/runtime.ts'
import { randomFloats, runOnce, runtimes } from '../testing/programs.ts'
import { type Tensor, tf } from '../tf.ts'
import { attention } from './attention.ts'
import { groupNorm } from './group-norm.ts'
import { layerNorm } from './layer-norm.ts'
import { nearestCode } from './nearest-code.ts'
import { rmsNorm } from './rms-norm.ts'
import { silu } from './silu.ts'
import { IGNORED_LABEL, softmaxCrossEntropy } from './softmax-cross-entropy.ts'

describe.each(runtimes)('own operations on $name, at the edge', (runtime) => {
  const crossEntropy = ({ logits, labels }: Record<string, Tensor>) => {
    const { loss, gradients, aside } = valueAndGradients(
      () => {
        const { loss, counted } = softmaxCrossEntropy(logits as Tensor, labels as Tensor)
        return { loss, aside: { counted } }
      },
      { logits: logits as Tensor },
    )
    return { loss, gradient: gradients.logits as Tensor, counted: aside.counted }
  }

  it('cross-entropy is 0, with a gradient of 0, when every label is ignored', async () => {
    const labels = int32(new Int32Array(3).fill(IGNORED_LABEL), [3])
    const got = await runOnce(runtime, { logits: randomFloats(1, [3, 4]), labels }, crossEntropy)
    expect([Math.abs(number(got, 'loss')), number(got, 'counted')]).toEqual([0, 0])
    expect(floats(got, 'gradient').every((value) => value === 0)).toBe(true)
  })

  it('cross-entropy of logits far apart stays finite', async () => {
    const logits = float32(Float32Array.of(1000, -1000, 0, -1000, 1000, 0), [2, 3])
    const got = await runOnce(runtime, { logits, labels: int32(Int32Array.of(0, 0), [2]) }, crossEntropy)
    expect(number(got, 'loss')).toBeCloseTo(1000, 3)
    expect([...floats(got, 'gradient')]).toEqual([0, 0, 0, -0.5, 0.5, 0])
  })

  it('finds the one code of a codebook of one', async () => {
    const got = await runOnce(
      runtime,
      { z: randomFloats(1, [5, 3]), codebook: randomFloats(2, [1, 3]) },
      ({ z, codebook }) => ({ indices: nearestCode(z as Tensor, codebook as Tensor) }),
    )
    expect([...ints(got, 'indices')]).toEqual([0, 0, 0, 0, 0])
  })

  it('takes the lowest of equal codes, and the zero row for a zero vector', async () => {
    const codebook = float32(Float32Array.of(1, 1, 0, 0, 0, 0, 1, 1), [4, 2])
    const z = float32(Float32Array.of(0, 0, 1, 1, 0.5, 0.5), [3, 2])
    const got = await runOnce(runtime, { z, codebook }, ({ z, codebook }) => ({
      indices: nearestCode(z as Tensor, codebook as Tensor),
    }))
    expect([...ints(got, 'indices')]).toEqual([1, 0, 0])
  })

  const normalise = ({ x, weight }: Record<string, Tensor>) => {
    const map = tf.reshape(x as Tensor, [1, 2, 2, 4])
    const { gradients, aside } = valueAndGradients(
      () => {
        const root = rmsNorm(x as Tensor, weight as Tensor, 1e-5)
        const layer = layerNorm(x as Tensor, weight as Tensor, weight as Tensor)
        const group = groupNorm(map, weight as Tensor, weight as Tensor, 4)
        const gate = silu(x as Tensor)
        return {
          loss: tf.addN([tf.sum(root), tf.sum(layer), tf.sum(group), tf.sum(gate)]),
          aside: { root, layer, group, gate },
        }
      },
      { x: x as Tensor },
    )
    return { ...aside, gradient: gradients.x as Tensor }
  }

  it('gives no NaN for rows of zeros, of one value or of tiny numbers', async () => {
    const rows = [0, 0, 0, 0, 7, 7, 7, 7, 1e-30, -1e-30, 1e-30, 0, -1e4, 1e4, 3, 0]
    const x = float32(Float32Array.from(rows), [4, 4])
    const got = await runOnce(runtime, { x, weight: randomFloats(1, [4]) }, normalise)
    for (const [name, { data }] of Object.entries(got) as [string, HostTensor][])
      expect(
        [...data].filter((value) => !Number.isFinite(value)),
        name,
      ).toEqual([])
    // A row of zeros stays zero.
    expect([...floats(got, 'root').subarray(0, 4)].map(Math.abs)).toEqual([0, 0, 0, 0])
    expect([...floats(got, 'gate').subarray(0, 4)].map(Math.abs)).toEqual([0, 0, 0, 0])
  })

  const attend = ({ q, k, v, mask }: Record<string, Tensor>, causal: boolean) => {
    const parameters = { q: q as Tensor, k: k as Tensor, v: v as Tensor }
    const { gradients, aside } = valueAndGradients(() => {
      const y = attention(parameters.q, parameters.k, parameters.v, { causal, ...(mask ? { mask } : {}) })
      return { loss: tf.sum(tf.square(y)), aside: { y } }
    }, parameters)
    return { ...aside, dq: gradients.q as Tensor, dk: gradients.k as Tensor, dv: gradients.v as Tensor }
  }

  it('attends evenly where every key is masked, and never to a masked one beside one that counts', async () => {
    const mask = float32(Float32Array.of(-1e9, -1e9, -1e9, 0, -1e9, -1e9), [2, 3])
    const inputs = {
      q: randomFloats(1, [1, 2, 2, 4]),
      k: randomFloats(2, [1, 1, 3, 4]),
      v: float32(Float32Array.of(1, 2, 6), [1, 1, 3, 1]),
      mask,
    }
    const got = await runOnce(runtime, inputs, (tensors) => attend(tensors, false))
    const [first, second, third, fourth] = floats(got, 'y')
    for (const even of [first, third]) expect(even).toBeCloseTo(3, 5)
    expect([second, fourth]).toEqual([1, 1])
  })

  it('attends with scores far apart, and with one query to a cache of keys', async () => {
    const far = { q: randomFloats(1, [1, 2, 4, 4], -1e3, 1e3), k: randomFloats(2, [1, 1, 4, 4], -1e3, 1e3) }
    const got = await runOnce(runtime, { ...far, v: randomFloats(3, [1, 1, 4, 2]) }, (tensors) => attend(tensors, true))
    for (const { data } of Object.values(got)) expect([...data].filter((value) => !Number.isFinite(value))).toEqual([])
    const cached = {
      q: randomFloats(4, [1, 2, 1, 4]),
      k: randomFloats(5, [1, 1, 6, 4]),
      v: randomFloats(6, [1, 1, 6, 2]),
    }
    const causal = await runOnce(runtime, cached, (tensors) => attend(tensors, true))
    expect(causal).toEqual(await runOnce(runtime, cached, (tensors) => attend(tensors, false)))
  })

  it('drops segments with negative ids and adds up repeated ones', async () => {
    const inputs = {
      x: float32(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]),
      whole: int32(Int32Array.of(1, 2, 3), [3]),
      ids: int32(Int32Array.of(2, -3, 2), [3]),
    }
    const got = await runOnce(runtime, inputs, ({ x, whole, ids }) => ({
      sums: tf.unsortedSegmentSum(x as Tensor, ids as tf.Tensor1D, 4),
      counts: tf.unsortedSegmentSum(whole as Tensor, ids as tf.Tensor1D, 4),
    }))
    expect([...floats(got, 'sums')]).toEqual([0, 0, 0, 0, 6, 8, 0, 0])
    expect([...ints(got, 'counts')]).toEqual([0, 0, 4, 0])
  })

  it('computes with whole numbers as TensorFlow.js does', async () => {
    const inputs = {
      i: int32(Int32Array.of(-7, -1, 0, 1, 2, 7), [2, 3]),
      f: float32(Float32Array.of(-3.5, -2.5, -0.5, 0.5, 1.5, 2.5), [6]),
    }
    const got = await runOnce(runtime, inputs, ({ i, f }) => ({
      mean: tf.mean(i as Tensor, 1),
      clipped: tf.clipByValue(i as Tensor, -2, 2),
      padded: tf.pad(i as tf.Tensor2D, [
        [0, 0],
        [1, 0],
      ]),
      floored: tf.floorDiv(i as Tensor, tf.scalar(2, 'int32')),
      modulo: tf.mod(i as Tensor, tf.scalar(3, 'int32')),
      modulof: tf.mod(f as Tensor, 2),
      rounded: tf.round(f as Tensor),
      cut: tf.cast(f as Tensor, 'int32'),
      hot: tf.oneHot(tf.cast(tf.reshape(i as Tensor, [6]), 'int32') as tf.Tensor1D, 3),
      last: tf.argMax(i as Tensor, -1),
      least: tf.min(i as Tensor, 0),
      most: tf.max(i as Tensor, -1),
      stacked: tf.stack([f as Tensor, f as Tensor], -1),
      picked: tf.gather(i as Tensor, tf.tensor1d([2, 0], 'int32'), -1),
      sum: tf.sum(i as Tensor),
    }))
    const plain = Object.fromEntries(
      Object.entries(got).map(([name, { data }]) => [
        name,
        [...data].map((value) => Math.round(value * 1e6) / 1e6 + 0),
      ]),
    )
    expect(plain).toEqual({
      mean: [-2.666667, 3.333333],
      clipped: [-2, -1, 0, 1, 2, 2],
      padded: [0, -7, -1, 0, 0, 1, 2, 7],
      floored: [-4, -1, 0, 0, 1, 3],
      modulo: [2, 2, 0, 1, 2, 1],
      modulof: [0.5, 1.5, 1.5, 0.5, 1.5, 0.5],
      rounded: [-4, -2, 0, 0, 2, 2],
      cut: [-3, -2, 0, 0, 1, 2],
      hot: [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0],
      last: [2, 2],
      least: [-7, -1, 0],
      most: [0, 7],
      stacked: [-3.5, -3.5, -2.5, -2.5, -0.5, -0.5, 0.5, 0.5, 1.5, 1.5, 2.5, 2.5],
      picked: [0, -7, 7, 1],
      sum: [2],
    })
    expect(got.mean?.dtype).toBe('float32')
    expect([got.last?.shape, got.stacked?.shape, got.picked?.shape]).toEqual([[2], [6, 2], [2, 2]])
  })

  it('repeats pixels also by factors that are not whole', async () => {
    const x = float32(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), [1, 3, 3, 1])
    const got = await runOnce(runtime, { x }, ({ x }) => ({
      y: tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [3, 7]),
    }))
    expect([...floats(got, 'y').subarray(0, 7)]).toEqual([1, 1, 1, 2, 2, 3, 3])
  })
})

describe('the nearest code of many codes', () => {
  it('is found in chunks of rows, the last one shorter, as it is found whole', async () => {
    const [rows, codes] = [37, 2 ** 20]
    const table = new Float32Array(codes)
    // One code near every row, and all others far.
    table.fill(1e3)
    const wanted = Array.from({ length: rows }, (_, row) => (row * 28_001 + 5) % codes)
    for (const [row, code] of wanted.entries()) table[code] = row
    const z = float32(
      Float32Array.from({ length: rows }, (_, row) => row + 0.2),
      [rows, 1],
    )
    const [onnx] = runtimes
    if (!onnx) throw new Error('no runtime')
    const got = await runOnce(onnx, { z, codebook: float32(table, [codes, 1]) }, ({ z, codebook }) => ({
      indices: nearestCode(z as Tensor, codebook as Tensor),
    }))
    expect([...ints(got, 'indices')]).toEqual(wanted)
  })
})
