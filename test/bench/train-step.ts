import { createRandom } from '../../src-main/data/random.ts'
import { compile } from '../../src-main/engine/compile.ts'
import { stopGradient, straightThrough, valueAndGradients } from '../../src-main/engine/gradients.ts'
import { countParameters, initialise, type ParameterSpecs } from '../../src-main/engine/initialise.ts'
import { nearestCode } from '../../src-main/engine/operations/nearest-code.ts'
import { type Parameters, parameter, prefixed } from '../../src-main/engine/parameters.ts'
import { float32, number, type Runtime, STATE_PREFIX, scalar } from '../../src-main/engine/runtimes/runtime.ts'
import { type Tensor, tf } from '../../src-main/engine/tf.ts'
import {
  convolution,
  convolutionSpecs,
  residualBlock,
  residualBlockSpecs,
  upsample,
} from '../../src-main/tokenizers/layers.ts'
import { adamUpdate, initialMoments, type UpdateInputs } from '../../src-main/training/optimizer.ts'

/** The autoencoder by which training speed is measured: 3.6 million parameters, 64 px, batch 16, Adam. */
export const trainStepModel = { channels: [64, 128, 256], width: 64, codes: 1024, side: 64, batch: 16 } as const
const [A, B, C] = trainStepModel.channels
const GROUPS = 32

const specs: ParameterSpecs = {
  ...prefixed(convolutionSpecs(3, 3, A), 'enc.in'),
  ...prefixed(residualBlockSpecs(A, A), 'enc.res0'),
  ...prefixed(convolutionSpecs(3, A, A), 'enc.down0'),
  ...prefixed(residualBlockSpecs(A, B), 'enc.res1'),
  ...prefixed(convolutionSpecs(3, B, B), 'enc.down1'),
  ...prefixed(residualBlockSpecs(B, C), 'enc.res2'),
  ...prefixed(convolutionSpecs(1, C, trainStepModel.width), 'enc.out'),
  ...prefixed(convolutionSpecs(3, trainStepModel.width, C), 'dec.in'),
  ...prefixed(residualBlockSpecs(C, C), 'dec.res0'),
  ...prefixed(convolutionSpecs(3, C, B), 'dec.up0'),
  ...prefixed(residualBlockSpecs(B, B), 'dec.res1'),
  ...prefixed(convolutionSpecs(3, B, A), 'dec.up1'),
  ...prefixed(residualBlockSpecs(A, A), 'dec.res2'),
  ...prefixed(convolutionSpecs(3, A, 3), 'dec.out'),
  codebook: {
    shape: [trainStepModel.codes, trainStepModel.width],
    init: { kind: 'uniform', bound: 1 / trainStepModel.codes },
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
  const flat = tf.reshape(z, [-1, trainStepModel.width])
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

/** Compiles the step and returns a function that takes one and gives the loss. */
export async function openTrainStep(runtime: Runtime) {
  const initial = initialise(specs, (name) => createRandom(0, name))
  const names = Object.keys(initial)
  const state = runtime.createState({ ...initial, ...initialMoments(initial) })
  const { side, batch } = trainStepModel
  const began = performance.now()
  const inputs = {
    images: { shape: [batch, side, side, 3] },
    learningRate: { shape: [] },
    correction1: { shape: [] },
    correction2: { shape: [] },
  }
  const program = await compile(runtime, state, 'train step', inputs, state.names(), (tensors) => {
    const trained = Object.fromEntries(names.map((name) => [name, parameter(tensors, name)]))
    const result = valueAndGradients(() => ({ loss: loss(trained, parameter(tensors, 'images')), aside: {} }), trained)
    const { next } = adamUpdate(tensors, result.gradients, optimizer, tensors as unknown as UpdateInputs)
    return {
      loss: result.loss,
      ...Object.fromEntries(Object.entries(next).map(([name, tensor]) => [STATE_PREFIX + name, tensor])),
    }
  })
  const compileMs = performance.now() - began
  const random = createRandom(0, 'images')
  const images = float32(
    Float32Array.from({ length: batch * side * side * 3 }, () => random.uniform()),
    [batch, side, side, 3],
  )
  const feeds = { images, learningRate: scalar(1e-4), correction1: scalar(0.1), correction2: scalar(0.001) }
  return {
    parameters: countParameters(specs),
    compileMs,
    step: async () => number(await program.run(feeds), 'loss'),
    dispose: () => program.dispose(),
  }
}
