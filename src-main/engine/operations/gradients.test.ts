import { describe, expect, it } from 'vitest'
import { straightThrough, valueAndGradients } from '../gradients.ts'
import { type KernelRule, kernelRules, type Padding } from '../kernels.ts'
import { float32, floats, type HostTensor, int32 } from '../runtimes/runtime.ts'
import { coverageOf, type DifferentiableCase, expectGradients } from '../testing/finite-differences.ts'
import { randomFloats, runOnce, runtimes, specsOf } from '../testing/programs.ts'
import { type Tensor, tf } from '../tf.ts'
import { trace } from '../trace.ts'
import { attention } from './attention.ts'
import { groupNorm } from './group-norm.ts'
import { layerNorm } from './layer-norm.ts'
import { nearestCode } from './nearest-code.ts'
import { ownRules } from './registry.ts'
import { rmsNorm } from './rms-norm.ts'
import { rotary } from './rotary.ts'
import { silu } from './silu.ts'
import { IGNORED_LABEL, softmaxCrossEntropy } from './softmax-cross-entropy.ts'

type Tensors = Record<string, Tensor>

/** A row of a table below: its inputs by name, which are differentiated by, and the operation. */
const row = (
  name: string,
  inputs: Record<string, HostTensor>,
  by: readonly string[],
  compute: (tensors: Tensors) => Tensor,
) => ({ name, inputs, by, compute })

const rowNorms = {
  x: randomFloats(1, [2, 3, 5], -2, 2),
  scale: randomFloats(2, [5], 0.5, 1.5),
  offset: randomFloats(3, [5]),
}
const heads = {
  q: randomFloats(1, [2, 4, 3, 4]),
  k: randomFloats(2, [2, 2, 5, 4]),
  v: randomFloats(3, [2, 2, 5, 3]),
  mask: randomFloats(4, [2, 1, 3, 5]),
}
const attend = (options: { causal: boolean; scale?: number; masked?: boolean }) => (t: Tensors) => {
  const { masked, ...rest } = options
  return attention(t.q as Tensor, t.k as Tensor, t.v as Tensor, {
    ...rest,
    ...(masked ? { mask: t.mask as Tensor } : {}),
  })
}
const rotaryOf = (...table: number[]) =>
  row(
    `rotary positions of tables [${table}]`,
    { x: randomFloats(1, [2, 2, 3, 4]), cos: randomFloats(2, table), sin: randomFloats(3, table) },
    ['x'],
    (t) => rotary(t.x as Tensor, t.cos as Tensor, t.sin as Tensor),
  )

/** Every kernel of the engine's own with a gradient must occur here, each of its inputs differentiated by. */
const ownCases: (DifferentiableCase & { name: string })[] = [
  ...[1, 2, 6].map((groups) =>
    row(
      `group normalisation of six channels in ${groups} groups`,
      { x: randomFloats(1, [2, 3, 2, 6], -2, 2), scale: randomFloats(2, [6], 0.5, 1.5), offset: randomFloats(3, [6]) },
      ['x', 'scale', 'offset'],
      (t) => groupNorm(t.x as Tensor, t.scale as Tensor, t.offset as Tensor, groups),
    ),
  ),
  row(
    'SiLU, far from 0 too',
    { x: float32(Float32Array.of(-20, -5, -1.3, -0.1, 0, 0.1, 1.3, 5, 20), [9]) },
    ['x'],
    (t) => silu(t.x as Tensor),
  ),
  row(
    'SiLU of a map between convolutions',
    { x: randomFloats(1, [1, 3, 3, 2]), kernel: randomFloats(2, [3, 3, 2, 3]) },
    ['x', 'kernel'],
    (t) => silu(tf.conv2d(t.x as tf.Tensor4D, t.kernel as tf.Tensor4D, 2, 'same')),
  ),
  row(
    'RMS normalisation',
    { x: randomFloats(1, [2, 2, 5], -2, 2), weight: randomFloats(2, [5], 0.5, 1.5) },
    ['x', 'weight'],
    (t) => rmsNorm(t.x as Tensor, t.weight as Tensor, 1e-5),
  ),
  row('layer normalisation', rowNorms, ['x', 'scale', 'offset'], (t) =>
    layerNorm(t.x as Tensor, t.scale as Tensor, t.offset as Tensor),
  ),
  row('layer normalisation of one row', { ...rowNorms, x: randomFloats(4, [5]) }, ['x', 'scale', 'offset'], (t) =>
    layerNorm(t.x as Tensor, t.scale as Tensor, t.offset as Tensor),
  ),
  row(
    'cross-entropy with ignored labels, as part of a larger loss',
    { logits: randomFloats(1, [4, 5], -2, 2), labels: int32(Int32Array.of(2, IGNORED_LABEL, 0, 4), [4]) },
    ['logits'],
    (t) => tf.mul(softmaxCrossEntropy(t.logits as Tensor, t.labels as Tensor).loss, 3),
  ),
  row('attention with shared heads and a narrower v', heads, ['q', 'k', 'v'], attend({ causal: false })),
  row('causal attention with more keys than queries', heads, ['q', 'k', 'v'], attend({ causal: true })),
  row('masked attention', heads, ['q', 'k', 'v'], attend({ causal: true, masked: true, scale: 0.7 })),
  rotaryOf(3, 2),
  rotaryOf(2, 3, 2),
]

const convolutionOf = (side: number, stride: number, pad: Padding, size: number) =>
  row(
    `convolution of side ${side}, stride ${stride} and padding ${JSON.stringify(pad)} on ${size} × ${size}`,
    { x: randomFloats(1, [2, size, size, 2]), kernel: randomFloats(2, [side, side, 2, 2]) },
    ['x', 'kernel'],
    (t) => tf.conv2d(t.x as tf.Tensor4D, t.kernel as tf.Tensor4D, stride, pad),
  )
const unevenly: Padding = [
  [0, 0],
  [1, 0],
  [2, 1],
  [0, 0],
]

/** By the map alone: filters of this kind are those of networks that do not learn. */
const depthwiseOf = (side: number, stride: number, pad: 'same' | 'valid', size: number) =>
  row(
    `depthwise convolution of side ${side}, stride ${stride} and padding "${pad}" on ${size} × ${size}`,
    { x: randomFloats(1, [2, size, size, 3]), filter: randomFloats(2, [side, side, 3, 1]) },
    ['x'],
    (t) => tf.depthwiseConv2d(t.x as tf.Tensor4D, t.filter as tf.Tensor4D, stride, pad),
  )

/** TensorFlow.js kernels whose gradients are kernels that the engine lowers in a way of its own. */
const loweredCases: (DifferentiableCase & { name: string })[] = [
  convolutionOf(3, 1, 'same', 4),
  convolutionOf(3, 2, 'same', 5),
  convolutionOf(3, 2, 'same', 4),
  convolutionOf(1, 2, 'same', 5),
  convolutionOf(2, 1, 'valid', 4),
  convolutionOf(3, 2, 'valid', 6),
  convolutionOf(4, 1, 1, 5),
  convolutionOf(4, 2, 1, 6),
  convolutionOf(4, 2, 1, 7),
  convolutionOf(3, 1, 2, 4),
  convolutionOf(4, 2, unevenly, 6),
  depthwiseOf(3, 1, 'same', 4),
  depthwiseOf(3, 2, 'same', 4),
  depthwiseOf(3, 2, 'same', 5),
  depthwiseOf(2, 1, 'valid', 4),
  row('nearest upsampling', { x: randomFloats(1, [2, 2, 3, 2]) }, ['x'], (t) =>
    tf.image.resizeNearestNeighbor(t.x as tf.Tensor4D, [4, 9]),
  ),
  row(
    'gathering rows, some of them twice',
    { x: randomFloats(1, [4, 3]), rows: int32(Int32Array.of(2, 0, 2, 3), [4]) },
    ['x'],
    (t) => tf.gather(t.x as Tensor, t.rows as tf.Tensor1D),
  ),
  row('leaky rectification', { x: float32(Float32Array.of(-3, -0.2, -0.02, 0.02, 0.3, 2), [6]) }, ['x'], (t) =>
    tf.leakyRelu(t.x as Tensor, 0.2),
  ),
]

/** Kernels that no gradient flows through. */
const WITHOUT_GRADIENT = ['Accumulated', 'Barrier', 'CachedAttention', 'NearestCode']
/** Inputs that are taken as constants. */
const CONSTANT_INPUTS = ['Attention.mask', 'Rotary.cos', 'Rotary.sin']

/** What a table of cases leaves unchecked of some kernels. */
function unchecked(rules: Readonly<Record<string, KernelRule>>, cases: readonly DifferentiableCase[]): string[] {
  const inputsOf = (kernel: string) => rules[kernel]?.inputs as readonly string[] | undefined
  const { kernels, differentiated, discrete } = coverageOf(cases, inputsOf)
  const expected = Object.keys(rules).filter((kernel) => !WITHOUT_GRADIENT.includes(kernel))
  const inputs = expected
    .filter((kernel) => tf.getGradient(kernel))
    .flatMap((kernel) => inputsOf(kernel)?.map((input) => `${kernel}.${input}`) ?? [])
    .filter((input) => !CONSTANT_INPUTS.includes(input) && !discrete.has(input) && !differentiated.has(input))
  return [...expected.filter((kernel) => !kernels.has(kernel)), ...inputs]
}

describe('gradients are the slopes of the values', () => {
  it.each([...ownCases, ...loweredCases].map((checked) => [checked.name, checked] as const))(
    'of %s',
    (_name, checked) => expectGradients(checked),
  )

  it('for every kernel of the engine, by every input that has a slope', () => {
    expect(unchecked(ownRules, ownCases)).toEqual([])
  })

  it('and an operation that is added without such a check is found out', () => {
    const added: KernelRule = { inputs: ['x'], infer: (inputs) => inputs }
    expect(unchecked({ ...ownRules, Added: added, AddedGrad: added }, ownCases)).toEqual(['Added', 'AddedGrad'])
    // Each case here is the only one for something.
    const rms = ownCases.filter(({ name }) => !name.startsWith('RMS'))
    expect(unchecked(ownRules, rms)).toEqual(['RmsNorm', 'RmsNormGrad', 'RmsNorm.x', 'RmsNorm.weight'])
    const byX = ownCases.map((checked) => ({ ...checked, by: checked.by.filter((input) => input !== 'offset') }))
    expect(unchecked(ownRules, byX)).toEqual(['GroupNorm.offset', 'LayerNorm.offset'])
  })

  it('also where a kernel of TensorFlow.js is lowered in a way of its own', () => {
    const { kernels } = coverageOf(loweredCases, (kernel) => kernelRules[kernel]?.inputs as readonly string[])
    for (const kernel of Object.keys(kernelRules).filter((name) => /Backprop|Grad$|SegmentSum/.test(name)))
      expect(kernels).toContain(kernel)
  })
})

describe('what has no gradient', () => {
  /** Asks for the gradient of an operation by one of its inputs. */
  const ask = (inputs: Record<string, HostTensor>, by: string, compute: (tensors: Tensors) => Tensor) => () =>
    trace((tensors) => {
      const { gradients } = valueAndGradients(() => ({ loss: tf.sum(compute(tensors)), aside: {} }), {
        [by]: tensors[by] as Tensor,
      })
      return { gradient: gradients[by] as Tensor }
    }, specsOf(inputs))

  it('is refused when it is asked for', () => {
    const codes = { z: randomFloats(1, [3, 2]), codebook: randomFloats(2, [4, 2]) }
    for (const by of ['z', 'codebook'])
      expect(ask(codes, by, (t) => tf.cast(nearestCode(t.z as Tensor, t.codebook as Tensor), 'float32'))).toThrow(
        /does not depend on|no gradient/,
      )
    expect(ask(heads, 'mask', attend({ causal: false, masked: true }))).toThrow(/input mask/)
    const { inputs, compute } = rotaryOf(3, 2)
    for (const by of ['cos', 'sin']) expect(ask(inputs, by, compute)).toThrow(new RegExp(`input ${by}`))
  })

  it('is a kernel of the engine, or an input of one', () => {
    for (const kernel of WITHOUT_GRADIENT)
      expect([kernel in ownRules, tf.getGradient(kernel)]).toEqual([true, undefined])
    for (const input of CONSTANT_INPUTS) {
      const [kernel = '', name = ''] = input.split('.')
      expect(ownRules[kernel]?.inputs).toContain(name)
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
