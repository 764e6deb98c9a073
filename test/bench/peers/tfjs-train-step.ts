import type * as TensorFlow from '@tensorflow/tfjs'
import { givenOptions, serve, timed } from '../serve.ts'
import type { TrainStepShape } from '../shapes.ts'
import { openTfjs } from './tfjs.ts'

/** The autoencoder of own/train-step.ts in plain TensorFlow.js, eager, on the backend asked for, with its own Adam. */

type Tensor = TensorFlow.Tensor
type Map4 = TensorFlow.Tensor4D

const options = givenOptions<TrainStepShape & { threads: number; backend: 'wasm' | 'node' }>()
const { channels, width, codes, side, batch } = options
const [a, b, c] = channels
const { tf, version } = await openTfjs(options.backend, options.threads)
const GROUPS = 32

const variables: Record<string, TensorFlow.Variable> = {}
/** A trained variable, made when it is first asked for. */
function variable(name: string, make: () => Tensor): Tensor {
  variables[name] ??= tf.variable(tf.keep(make()), true, name)
  return variables[name]
}
const uniform = (bound: number, shape: number[]) => tf.randomUniform(shape, -bound, bound, 'float32', 0)

function convolution(name: string, x: Tensor, size: number, to: number, stride = 1): Map4 {
  const from = x.shape[3] as number
  const kernel = variable(`${name}.kernel`, () => uniform(1 / Math.sqrt(size * size * from), [size, size, from, to]))
  return tf.add(
    tf.conv2d(x as Map4, kernel as Map4, stride, 'same'),
    variable(`${name}.bias`, () => tf.zeros([to])),
  )
}

function activate(name: string, x: Tensor): Map4 {
  const [n, h, w, channels] = x.shape as [number, number, number, number]
  const grouped = tf.reshape(x, [n, h * w, GROUPS, channels / GROUPS])
  const centred = tf.sub(grouped, tf.mean(grouped, [1, 3], true))
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), [1, 3], true), 1e-6))
  const normal = tf.reshape(tf.div(centred, deviation), x.shape)
  const scaled = tf.mul(
    normal,
    variable(`${name}.scale`, () => tf.ones([channels])),
  )
  const y = tf.add(
    scaled,
    variable(`${name}.offset`, () => tf.zeros([channels])),
  )
  return tf.mul(y, tf.sigmoid(y)) as Map4
}

function residualBlock(name: string, x: Tensor, to: number): Map4 {
  const inner = convolution(`${name}.conv0`, activate(`${name}.norm0`, x), 3, to)
  const outer = convolution(`${name}.conv1`, activate(`${name}.norm1`, inner), 3, to)
  return tf.add(x.shape[3] === to ? x : convolution(`${name}.skip`, x, 1, to), outer) as Map4
}

const upsample = (x: Map4): Map4 => tf.image.resizeNearestNeighbor(x, [2 * x.shape[1], 2 * x.shape[2]])

const stopGradient = tf.customGrad((x) => ({
  value: tf.clone(x as Tensor),
  gradFunc: (dy: Tensor) => tf.zerosLike(dy),
})) as (x: Tensor) => Tensor

/** The nearest code of each vector; its gradient goes to the codebook alone. */
const nearest = tf.customGrad((z, codebook, save) => {
  const [vectors, table] = [z as TensorFlow.Tensor2D, codebook as TensorFlow.Tensor2D]
  const scores = tf.sub(tf.sum(tf.square(table), 1), tf.mul(2, tf.matMul(vectors, table, false, true)))
  const indices = tf.argMin(scores, 1) as TensorFlow.Tensor1D
  ;(save as (tensors: Tensor[]) => void)([indices])
  return {
    value: tf.gather(table, indices),
    gradFunc: (dy: Tensor, saved: Tensor[]) => [
      tf.zerosLike(vectors),
      tf.unsortedSegmentSum(dy, saved[0] as TensorFlow.Tensor1D, codes),
    ],
  }
}) as (z: Tensor, codebook: Tensor) => Tensor

function loss(images: Tensor): TensorFlow.Scalar {
  let x = convolution('enc.in', images, 3, a)
  x = convolution('enc.down0', residualBlock('enc.res0', x, a), 3, a, 2)
  x = convolution('enc.down1', residualBlock('enc.res1', x, b), 3, b, 2)
  const z = convolution('enc.out', residualBlock('enc.res2', x, c), 1, width)
  const flat = tf.reshape(z, [-1, width]) as TensorFlow.Tensor2D
  const codebook = variable('codebook', () => uniform(1 / codes, [codes, width])) as TensorFlow.Tensor2D
  const q = nearest(flat, codebook)
  const straight = tf.add(flat, stopGradient(tf.sub(q, flat)))
  let y = convolution('dec.in', tf.reshape(straight, z.shape), 3, c)
  y = convolution('dec.up0', upsample(residualBlock('dec.res0', y, c)), 3, b)
  y = convolution('dec.up1', upsample(residualBlock('dec.res1', y, b)), 3, a)
  y = convolution('dec.out', residualBlock('dec.res2', y, a), 3, 3)
  const commitment = tf.mean(tf.squaredDifference(flat, stopGradient(q)))
  return tf.addN([
    tf.mean(tf.squaredDifference(y, images)),
    tf.mul(0.25, commitment),
    tf.mean(tf.squaredDifference(q, stopGradient(flat))),
  ]) as TensorFlow.Scalar
}

const images = tf.randomUniform([batch, side, side, 3], 0, 1, 'float32', 1)
tf.tidy(() => void loss(images))
const optimizer = tf.train.adam(1e-4, 0.9, 0.999, 1e-8)
const parameters = Object.values(variables).reduce((sum, { size }) => sum + size, 0)

await serve({ ready: version, parameters }, async () => {
  const { ms, result } = await timed(async () => {
    const cost = optimizer.minimize(() => loss(images), true) as TensorFlow.Scalar
    const [value] = await cost.data()
    cost.dispose()
    return value as number
  })
  return { ms, value: result }
})
