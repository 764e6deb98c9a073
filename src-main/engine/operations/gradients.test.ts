import { describe, expect, it } from 'vitest'
import { compile } from '../compile.ts'
import { straightThrough, valueAndGradients } from '../gradients.ts'
import { onnxRuntime } from '../runtimes/onnx.ts'
import { float32, floats, type HostTensor, int32 } from '../runtimes/runtime.ts'
import { randomFloats, runOnce, runtimes, specsOf } from '../testing/programs.ts'
import { type Tensor, tf } from '../tf.ts'
import { attention } from './attention.ts'
import { groupNorm } from './group-norm.ts'
import { layerNorm } from './layer-norm.ts'
import { rmsNorm } from './rms-norm.ts'
import { rotary } from './rotary.ts'
import { silu } from './silu.ts'
import { IGNORED_LABEL, softmaxCrossEntropy } from './softmax-cross-entropy.ts'

type Inputs = Record<string, Tensor>

/**
 * Compares the traced gradients of Σ y·probe with central differences, whose sums are taken in float64.
 * @param by names of the inputs to differentiate by
 */
async function expectGradients(
  inputs: Record<string, HostTensor>,
  by: string[],
  compute: (inputs: Inputs) => Tensor,
  tolerance = 2e-3,
): Promise<void> {
  const runtime = onnxRuntime({ threads: 2 })
  const none = runtime.createState({})
  const forward = await compile(runtime, none, 'forward', specsOf(inputs), [], (tensors) => ({ y: compute(tensors) }))
  const { y } = await forward.run(inputs)
  const probe = randomFloats(99, (y as HostTensor).shape)
  const all = { ...inputs, probe }
  const backward = await compile(runtime, none, 'backward', specsOf(all), [], (tensors) => {
    const parameters = Object.fromEntries(by.map((name) => [name, tensors[name] as Tensor]))
    const { gradients } = valueAndGradients(
      () => ({ loss: tf.sum(tf.mul(compute(tensors), tensors.probe as Tensor)), aside: {} }),
      parameters,
    )
    return Object.fromEntries(by.map((name) => [`d${name}`, gradients[name] as Tensor]))
  })
  const got = await backward.run(all)
  const loss = async (name: string, data: Float32Array) => {
    const moved = await forward.run({ ...inputs, [name]: float32(data, inputs[name]?.shape ?? []) })
    return floats(moved, 'y').reduce((sum, value, at) => sum + value * (probe.data[at] as number), 0)
  }
  for (const name of by) {
    const { data } = inputs[name] as HostTensor
    const gradient = floats(got, `d${name}`)
    expect(gradient.length).toBe(data.length)
    for (const [at, value] of data.entries()) {
      const h = 4e-3
      const [up, down] = [Float32Array.from(data), Float32Array.from(data)]
      up[at] = value + h
      down[at] = value - h
      const slope = ((await loss(name, up)) - (await loss(name, down))) / ((up[at] as number) - (down[at] as number))
      const allowed = tolerance * Math.max(1, Math.abs(slope))
      if (!(Math.abs((gradient[at] as number) - slope) <= allowed))
        throw new Error(`d${name}[${at}] is ${gradient[at]}, the difference quotient ${slope}`)
    }
  }
  await forward.dispose()
  await backward.dispose()
}

describe("own operations' gradients are those of their values", () => {
  it.each([1, 2, 6])('group normalisation of six channels in %d groups', async (groups) => {
    const inputs = {
      x: randomFloats(1, [2, 3, 2, 6], -2, 2),
      scale: randomFloats(2, [6], 0.5, 1.5),
      offset: randomFloats(3, [6]),
    }
    await expectGradients(inputs, ['x', 'scale', 'offset'], ({ x, scale, offset }) =>
      groupNorm(x as Tensor, scale as Tensor, offset as Tensor, groups),
    )
  })

  it('SiLU, far from 0 too', async () => {
    const x = float32(Float32Array.of(-20, -5, -1.3, -0.1, 0, 0.1, 1.3, 5, 20), [9])
    await expectGradients({ x }, ['x'], ({ x }) => silu(x as Tensor))
  })

  it('SiLU of a map between convolutions', async () => {
    const inputs = { x: randomFloats(1, [1, 3, 3, 2]), kernel: randomFloats(2, [3, 3, 2, 3]) }
    await expectGradients(inputs, ['x', 'kernel'], ({ x, kernel }) =>
      silu(tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, 2, 'same')),
    )
  })

  it('RMS normalisation of rows and of higher ranks', async () => {
    const inputs = { x: randomFloats(1, [2, 2, 5], -2, 2), weight: randomFloats(2, [5], 0.5, 1.5) }
    await expectGradients(inputs, ['x', 'weight'], ({ x, weight }) => rmsNorm(x as Tensor, weight as Tensor, 1e-5))
  })

  it('layer normalisation of rows and of higher ranks', async () => {
    for (const shape of [[5], [2, 3, 5]]) {
      const inputs = {
        x: randomFloats(1, shape, -2, 2),
        scale: randomFloats(2, [5], 0.5, 1.5),
        offset: randomFloats(3, [5]),
      }
      await expectGradients(inputs, ['x', 'scale', 'offset'], ({ x, scale, offset }) =>
        layerNorm(x as Tensor, scale as Tensor, offset as Tensor),
      )
    }
  })

  it('cross-entropy with ignored labels, as part of a larger loss', async () => {
    const inputs = {
      logits: randomFloats(1, [4, 5], -2, 2),
      labels: int32(Int32Array.of(2, IGNORED_LABEL, 0, 4), [4]),
    }
    await expectGradients(inputs, ['logits'], ({ logits, labels }) =>
      tf.mul(softmaxCrossEntropy(logits as Tensor, labels as Tensor).loss, 3),
    )
  })

  it('attention with shared key-value heads, causal or masked, more keys than queries, and a narrower v', async () => {
    const inputs = {
      q: randomFloats(1, [2, 4, 3, 4]),
      k: randomFloats(2, [2, 2, 5, 4]),
      v: randomFloats(3, [2, 2, 5, 3]),
      mask: randomFloats(4, [2, 1, 3, 5]),
    }
    for (const options of [{ causal: false }, { causal: true }, { causal: true, masked: true, scale: 0.7 }])
      await expectGradients(inputs, ['q', 'k', 'v'], ({ q, k, v, mask }) =>
        attention(q as Tensor, k as Tensor, v as Tensor, {
          ...options,
          ...('masked' in options ? { mask: mask as Tensor } : {}),
        }),
      )
  })

  it('rotary positions, alike for all sequences or of each its own', async () => {
    for (const shape of [
      [3, 2],
      [2, 3, 2],
    ]) {
      const inputs = { x: randomFloats(1, [2, 2, 3, 4]), cos: randomFloats(2, shape), sin: randomFloats(3, shape) }
      await expectGradients(inputs, ['x'], ({ x, cos, sin }) => rotary(x as Tensor, cos as Tensor, sin as Tensor))
    }
  })

  it('of convolutions of every stride and filter, by input and by filter', async () => {
    for (const [side, stride, pad, size] of [
      [3, 1, 'same', 4],
      [3, 2, 'same', 5],
      [3, 2, 'same', 4],
      [1, 2, 'same', 5],
      [2, 1, 'valid', 4],
      [3, 2, 'valid', 6],
    ] as const) {
      const inputs = { x: randomFloats(1, [2, size, size, 2]), kernel: randomFloats(2, [side, side, 2, 2]) }
      await expectGradients(inputs, ['x', 'kernel'], ({ x, kernel }) =>
        tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, stride, pad),
      )
    }
  })
})

describe.each(runtimes)('straight-through estimation on $name', (runtime) => {
  it('has the value of the quantized vectors and the gradient of what was quantized', async () => {
    const inputs = { z: randomFloats(1, [3, 2]), q: randomFloats(2, [3, 2]), probe: randomFloats(3, [3, 2]) }
    const got = await runOnce(runtime, inputs, ({ z, q, probe }) => {
      const { gradients, aside } = valueAndGradients(
        () => {
          const y = straightThrough(z as Tensor, q as Tensor)
          return { loss: tf.sum(tf.mul(tf.square(y), probe as Tensor)), aside: { y } }
        },
        { z: z as Tensor },
      )
      return { y: aside.y, gradient: gradients.z as Tensor }
    })
    expect(floats(got, 'y')).toEqual(inputs.q.data)
    for (const [at, value] of floats(got, 'gradient').entries())
      expect(value).toBeCloseTo(2 * (inputs.q.data[at] as number) * (inputs.probe.data[at] as number), 5)
  })
})
