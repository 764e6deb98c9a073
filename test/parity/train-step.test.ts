import { describe, it } from 'vitest'
import { z } from 'zod'
import { batchStatistics, updateMovingAverage } from '../../src-main/codebook/rules.ts'
import { compile } from '../../src-main/engine/compile.ts'
import { valueAndGradients } from '../../src-main/engine/gradients.ts'
import { type Parameters, parameter } from '../../src-main/engine/parameters.ts'
import {
  float32,
  floats,
  type HostTensor,
  type Runtime,
  STATE_PREFIX,
  type State,
  scalar,
} from '../../src-main/engine/runtimes/runtime.ts'
import { runtimes } from '../../src-main/engine/testing/programs.ts'
import { type Tensor, tf } from '../../src-main/engine/tf.ts'
import { activate, convolution, residualBlock, upsample } from '../../src-main/tokenizers/layers.ts'
import { vq } from '../../src-main/tokenizers/quantizers/vq.ts'
import { adamUpdate, initialMoments, type UpdateInputs, updateInputs } from '../../src-main/training/optimizer.ts'
import { describeReference, expectClose } from './reference.ts'
import { collect, hostStep, hostTensor } from './tensors.ts'

const caseSchema = z.object({
  params: z.object({
    channels: z.array(z.int()),
    groups: z.int(),
    codes: z.int(),
    code_dim: z.int(),
    decay: z.number(),
    eps: z.number(),
    steps: z.int(),
    learning_rate: z.number(),
  }),
})

/** Weight of the commitment loss, and Adam's numbers, as the convention of the case states them. */
const COMMITMENT = 0.25

describeReference('train-step', (reference) => {
  const { channels, groups, codes, code_dim, decay, eps, steps, learning_rate } = reference.read(caseSchema).params
  const optimizer = {
    learningRate: learning_rate,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0,
    gradientClip: 0,
    warmupSteps: 0,
    schedule: 'constant',
  } as const
  const names = [...reference.names('input', 'enc.'), ...reference.names('input', 'dec.')]
  const images = reference.input('images')
  const [batches] = images.shape as [number]

  function encode(p: Parameters, pictures: Tensor): Tensor {
    let x: Tensor = convolution(p, 'enc.conv_in', pictures)
    for (const level of channels.keys()) {
      x = residualBlock(p, `enc.res${level}`, x, groups)
      x = convolution(p, `enc.down${level}`, x, 2)
    }
    return convolution(p, 'enc.conv_out', activate(p, 'enc.norm_out', x, groups))
  }

  function decode(p: Parameters, code: Tensor): Tensor {
    let x: Tensor = residualBlock(p, 'dec.res0', convolution(p, 'dec.conv_in', code), groups)
    for (const level of channels.keys()) x = convolution(p, `dec.up${level}`, upsample(x))
    return convolution(p, 'dec.conv_out', activate(p, 'dec.norm_out', x, groups))
  }

  /** One step: the gradients of the loss, Adam, and the moving average of the codebook. */
  function step(tensors: Parameters): Record<string, Tensor> {
    const trained = Object.fromEntries(names.map((name) => [name, parameter(tensors, name)]))
    const pictures = parameter(tensors, 'images')
    const { loss, gradients, aside } = valueAndGradients(() => {
      const z = encode(trained, pictures)
      const quantization = vq(code_dim).quantize({}, z, parameter(tensors, 'codebook'))
      const reconstruction = decode(trained, quantization.quantized)
      const recon = tf.mean(tf.squaredDifference(reconstruction, pictures))
      const commit = quantization.commitment
      return {
        loss: tf.add(recon, tf.mul(commit, COMMITMENT)),
        aside: { z, reconstruction, recon, commit, ...quantization.assignments[0] } as Record<string, Tensor>,
      }
    }, trained)
    const { next } = adamUpdate(tensors, gradients, optimizer, tensors as unknown as UpdateInputs)
    const indices = parameter(aside, 'indices')
    const averages = updateMovingAverage(
      { clusterSize: parameter(tensors, 'clusterSize'), sums: parameter(tensors, 'sums') },
      batchStatistics([{ features: parameter(aside, 'features'), indices }], codes),
      decay,
      eps,
    )
    const replaced = Object.entries({ ...next, ...averages }).map(([name, value]) => [STATE_PREFIX + name, value])
    return {
      loss,
      indices,
      ...Object.fromEntries(['z', 'reconstruction', 'recon', 'commit'].map((name) => [name, parameter(aside, name)])),
      ...Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [`gradient.${name}`, gradient])),
      ...Object.fromEntries(replaced),
    }
  }

  /** Takes `count` steps from the initial state. */
  async function train(runtime: Runtime, count: number): Promise<{ state: State; outputs: Outputs[] }> {
    const initial = Object.fromEntries(names.map((name) => [name, hostTensor(reference.input(name))]))
    const state = runtime.createState({
      ...initial,
      ...initialMoments(initial),
      codebook: hostTensor(reference.input('codebook')),
      sums: hostTensor(reference.input('codebook')),
      clusterSize: float32(new Float32Array(codes).fill(1), [codes]),
    })
    const specs = {
      images: { shape: images.shape.slice(1) },
      learningRate: { shape: [] },
      correction1: { shape: [] },
      correction2: { shape: [] },
    }
    const program = await compile(runtime, state, 'train step', specs, state.names(), step)
    const outputs: Outputs[] = []
    for (let at = 0; at < count; at++) {
      const numbers = Object.entries(updateInputs(optimizer, at + 1, steps))
      const feeds = Object.fromEntries(numbers.map(([name, value]) => [name, scalar(value)]))
      outputs.push(await program.run({ images: hostStep(images, at % batches), ...feeds }))
    }
    await program.dispose()
    return { state, outputs }
  }

  const norm = (data: ArrayLike<number>): number => Math.hypot(...Array.from(data))

  /** Everything that the case expects of step 0. */
  function checkFirstStep(first: Outputs): void {
    reference.expectTensor('z', floats(first, 'z'))
    reference.expectTensor('reconstruction', floats(first, 'reconstruction'))
    const norms = Object.fromEntries(names.map((name) => [name, norm(floats(first, `gradient.${name}`))]))
    reference.expectScalar('first_grad_norms', norms)
    for (const name of reference.names('expected', 'first_grad.'))
      reference.expectTensor(name, floats(first, name.replace('first_grad.', 'gradient.')))
  }

  /** Losses and indices of the first steps, and no more than were taken. */
  function checkSteps(outputs: Outputs[]): void {
    for (const name of ['loss', 'recon', 'commit', 'indices']) {
      const want = reference.expected(name)
      const got = collect(outputs, name)
      expectClose(got, want.numbers.subarray(0, got.length), want.atol, want.rtol, `train-step: ${name}`)
    }
  }

  describe.each(runtimes.filter(({ name }) => name !== 'reference'))('on $name', (runtime) => {
    it(`trains ${steps} Adam steps with a moving-average codebook as the reference does`, async () => {
      const { state, outputs } = await train(runtime, steps)
      checkFirstStep(outputs[0] as Outputs)
      checkSteps(outputs)
      const norms: Record<string, number> = {}
      for (const name of names) norms[name] = norm((await state.read(name)).data)
      reference.expectScalar('final_norms', norms)
      reference.expectTensor('final_codebook', (await state.read('codebook')).data)
      reference.expectTensor('final_cluster_size', (await state.read('clusterSize')).data)
    })
  })

  describe.each(runtimes.filter(({ name }) => name === 'reference'))('on $name', (runtime) => {
    it('trains the first two of these steps (this runtime is too slow for all of them)', async () => {
      const { outputs } = await train(runtime, 2)
      checkFirstStep(outputs[0] as Outputs)
      checkSteps(outputs)
    })
  })
})

type Outputs = Record<string, HostTensor>
