import { createRandom } from '../../../src-main/data/random.ts'
import { compile } from '../../../src-main/engine/compile.ts'
import { stopGradient, straightThrough, valueAndGradients } from '../../../src-main/engine/gradients.ts'
import { countParameters, initialise, type ParameterSpecs } from '../../../src-main/engine/initialise.ts'
import { nearestCode } from '../../../src-main/engine/operations/nearest-code.ts'
import { type Parameters, parameter, prefixed } from '../../../src-main/engine/parameters.ts'
import { float32, number, STATE_PREFIX, scalar } from '../../../src-main/engine/runtimes/runtime.ts'
import { type Tensor, tf } from '../../../src-main/engine/tf.ts'
import {
  convolution,
  convolutionSpecs,
  residualBlock,
  residualBlockSpecs,
  upsample,
} from '../../../src-main/tokenizers/layers.ts'
import { adamUpdate, initialMoments, type UpdateInputs } from '../../../src-main/training/optimizer.ts'
import { givenOptions, serve, timed } from '../serve.ts'
import type { TrainStepShape } from '../shapes.ts'
import { openRuntime, type RuntimeOptions } from './runtime.ts'

const options = givenOptions<TrainStepShape & RuntimeOptions>()
const { width, codes, side, batch } = options
const [A, B, C] = options.channels
const GROUPS = 32

const specs: ParameterSpecs = {
  ...prefixed(convolutionSpecs(3, 3, A), 'enc.in'),
  ...prefixed(residualBlockSpecs(A, A), 'enc.res0'),
  ...prefixed(convolutionSpecs(3, A, A), 'enc.down0'),
  ...prefixed(residualBlockSpecs(A, B), 'enc.res1'),
  ...prefixed(convolutionSpecs(3, B, B), 'enc.down1'),
  ...prefixed(residualBlockSpecs(B, C), 'enc.res2'),
  ...prefixed(convolutionSpecs(1, C, width), 'enc.out'),
  ...prefixed(convolutionSpecs(3, width, C), 'dec.in'),
  ...prefixed(residualBlockSpecs(C, C), 'dec.res0'),
  ...prefixed(convolutionSpecs(3, C, B), 'dec.up0'),
  ...prefixed(residualBlockSpecs(B, B), 'dec.res1'),
  ...prefixed(convolutionSpecs(3, B, A), 'dec.up1'),
  ...prefixed(residualBlockSpecs(A, A), 'dec.res2'),
  ...prefixed(convolutionSpecs(3, A, 3), 'dec.out'),
  codebook: {
    shape: [codes, width],
    init: { kind: 'uniform', bound: 1 / codes },
  },
}

const optimizer = {
  learningRate: 1e-4,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  gradientClip: 0,
  warmupSteps: 0,
  schedule: 'constant',
} as const

function loss(p: Parameters, images: Tensor): Tensor {
  let x: Tensor = convolution(p, 'enc.in', images)
  x = convolution(p, 'enc.down0', residualBlock(p, 'enc.res0', x, GROUPS), 2)
  x = convolution(p, 'enc.down1', residualBlock(p, 'enc.res1', x, GROUPS), 2)
  const z = convolution(p, 'enc.out', residualBlock(p, 'enc.res2', x, GROUPS))
  const flat = tf.reshape(z, [-1, width])
  const codebook = parameter(p, 'codebook')
  const q = tf.gather(codebook, nearestCode(flat, codebook))
  let y: Tensor = convolution(p, 'dec.in', tf.reshape(straightThrough(flat, stopGradient(q)), z.shape))
  y = convolution(p, 'dec.up0', upsample(residualBlock(p, 'dec.res0', y, GROUPS)))
  y = convolution(p, 'dec.up1', upsample(residualBlock(p, 'dec.res1', y, GROUPS)))
  y = convolution(p, 'dec.out', residualBlock(p, 'dec.res2', y, GROUPS))
  const commitment = tf.mul(0.25, tf.mean(tf.squaredDifference(flat, stopGradient(q))))
  return tf.addN([
    tf.mean(tf.squaredDifference(y, images)),
    commitment,
    tf.mean(tf.squaredDifference(q, stopGradient(flat))),
  ])
}

const initial = initialise(specs, (name) => createRandom(0, name))
const names = Object.keys(initial)
const { runtime, version } = openRuntime(options)
const state = runtime.createState({ ...initial, ...initialMoments(initial) })
const inputs = {
  images: { shape: [batch, side, side, 3] },
  learningRate: { shape: [] },
  correction1: { shape: [] },
  correction2: { shape: [] },
}
const { ms: compileMs, result: program } = await timed(() =>
  compile(runtime, state, 'train step', inputs, state.names(), (tensors) => {
    const trained = Object.fromEntries(names.map((name) => [name, parameter(tensors, name)]))
    const result = valueAndGradients(() => ({ loss: loss(trained, parameter(tensors, 'images')), aside: {} }), trained)
    const { next } = adamUpdate(tensors, result.gradients, optimizer, tensors as unknown as UpdateInputs)
    return {
      loss: result.loss,
      ...Object.fromEntries(Object.entries(next).map(([name, tensor]) => [STATE_PREFIX + name, tensor])),
    }
  }),
)
const random = createRandom(0, 'images')
const images = float32(
  Float32Array.from({ length: batch * side * side * 3 }, () => random.uniform()),
  [batch, side, side, 3],
)
const feeds = { images, learningRate: scalar(1e-4), correction1: scalar(0.1), correction2: scalar(0.001) }

await serve(
  { ready: version, compileMs, parameters: countParameters(specs) },
  async () => {
    const { ms, result } = await timed(() => program.run(feeds))
    return { ms, value: number(result, 'loss') }
  },
  { end: () => program.dispose() },
)
