import { compile } from '../../compile.ts'
import { valueAndGradients } from '../../gradients.ts'
import { sizeOf } from '../../ir.ts'
import { groupNorm } from '../../operations/group-norm.ts'
import { silu } from '../../operations/silu.ts'
import { type Parameters, parameter } from '../../parameters.ts'
import { type Tensor, tf } from '../../tf.ts'
import { float32, type HostTensor, number, type Runtime, STATE_PREFIX, scalar } from '../runtime.ts'

/** Numbers of a trial: the loss before each step, and the median duration of those after the first. */
export interface Trial {
  losses: number[]
  msPerStep: number
}

const STEPS = 5
const CHANNELS = 32
const GROUPS = 8
const BATCH = 8
const SIDE = 32
const CLASSES = 16
const RATE = 1e-3
const [BETA1, BETA2] = [0.9, 0.99]

const shapes: Readonly<Record<string, readonly number[]>> = {
  first: [3, 3, 3, CHANNELS],
  scale: [CHANNELS],
  offset: [CHANNELS],
  second: [3, 3, CHANNELS, CHANNELS],
  head: [CHANNELS, CLASSES],
}

/** Some numbers in [−1, 1), the same on every machine. */
const spread = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, index) => ((Math.imul(index + 1, 0x9e3779b1) + seed) >>> 8) / 2 ** 23 - 1)

function initialState(): Record<string, HostTensor> {
  const state: Record<string, HostTensor> = {}
  for (const [seed, [name, shape]] of Object.entries(shapes).entries()) {
    const size = sizeOf(shape)
    const bound = shape.length === 1 ? 0 : Math.sqrt(3 / (size / (shape.at(-1) as number)))
    const values = spread(size, seed * 7919).map((value) => value * bound)
    state[name] = float32(name === 'scale' ? values.fill(1) : values, shape)
    state[`m.${name}`] = float32(new Float32Array(size), shape)
    state[`v.${name}`] = float32(new Float32Array(size), shape)
  }
  return state
}

/** Convolution, group normalisation, SiLU, convolution with stride, mean, matrix product; squared error. */
function lossOf(parameters: Parameters, images: Tensor, targets: Tensor): Tensor {
  const filter = (name: string) => parameter(parameters, name) as tf.Tensor4D
  const first = tf.conv2d(images as tf.Tensor4D, filter('first'), 1, 'same')
  const normalised = groupNorm(first, parameter(parameters, 'scale'), parameter(parameters, 'offset'), GROUPS)
  const second = tf.conv2d(silu(normalised), filter('second'), 2, 'same')
  const features = tf.mean(silu(second), [1, 2])
  return tf.mean(tf.squaredDifference(tf.matMul(features, parameter(parameters, 'head')), targets))
}

function adam(state: Parameters, name: string, gradient: Tensor, corrections: readonly [Tensor, Tensor]) {
  const mix = (old: Tensor, next: Tensor, share: number) => tf.add(tf.mul(old, share), tf.mul(next, 1 - share))
  const m = mix(parameter(state, `m.${name}`), gradient, BETA1)
  const v = mix(parameter(state, `v.${name}`), tf.square(gradient), BETA2)
  const update = tf.div(tf.div(m, corrections[0]), tf.add(tf.sqrt(tf.div(v, corrections[1])), 1e-8))
  return {
    [STATE_PREFIX + name]: tf.sub(parameter(state, name), tf.mul(update, RATE)),
    [`${STATE_PREFIX}m.${name}`]: m,
    [`${STATE_PREFIX}v.${name}`]: v,
  }
}

/** A few training steps of a small network: what a runtime must be able to do, right and faster than others. */
export async function trialSteps(runtime: Runtime): Promise<Trial> {
  const state = runtime.createState(initialState())
  const images = float32(spread(BATCH * SIDE * SIDE * 3, 1), [BATCH, SIDE, SIDE, 3])
  const targets = float32(spread(BATCH * CLASSES, 2), [BATCH, CLASSES])
  const specs = { images, targets, correction1: { shape: [] }, correction2: { shape: [] } }
  const program = await compile(runtime, state, 'trial', specs, state.names(), (tensors) => {
    const own = Object.fromEntries(Object.keys(shapes).map((name) => [name, parameter(tensors, name)]))
    const corrections = [parameter(tensors, 'correction1'), parameter(tensors, 'correction2')] as const
    const { loss, gradients } = valueAndGradients(
      () => ({ loss: lossOf(own, parameter(tensors, 'images'), parameter(tensors, 'targets')), aside: {} }),
      own,
    )
    const updates = Object.entries(gradients).map(([name, gradient]) => adam(tensors, name, gradient, corrections))
    return Object.assign({ loss }, ...updates)
  })
  try {
    const losses: number[] = []
    const times: number[] = []
    for (let step = 1; step <= STEPS; step++) {
      const began = performance.now()
      const corrections = { correction1: scalar(1 - BETA1 ** step), correction2: scalar(1 - BETA2 ** step) }
      losses.push(number(await program.run({ images, targets, ...corrections }), 'loss'))
      times.push(performance.now() - began)
    }
    const later = times.slice(1).toSorted((a, b) => a - b)
    return { losses, msPerStep: later[Math.floor(later.length / 2)] as number }
  } finally {
    await program.dispose()
  }
}
