import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { compile } from '../../src-main/engine/compile.ts'
import { valueAndGradients } from '../../src-main/engine/gradients.ts'
import { IGNORED_LABEL, softmaxCrossEntropy } from '../../src-main/engine/operations/softmax-cross-entropy.ts'
import { parameter } from '../../src-main/engine/parameters.ts'
import {
  float32,
  floats,
  type HostTensor,
  int32,
  number,
  STATE_PREFIX,
  scalar,
} from '../../src-main/engine/runtimes/runtime.ts'
import { runtimes } from '../../src-main/engine/testing/programs.ts'
import { type Tensor, tf } from '../../src-main/engine/tf.ts'
import { llama, llamaSpecs } from '../../src-main/language/llama.ts'
import { adamUpdate, initialMoments, type UpdateInputs, updateInputs } from '../../src-main/training/optimizer.ts'
import { decodeSafetensors } from '../../src-shared/safetensors.ts'
import { describeReference } from './reference.ts'
import { hostTensor } from './tensors.ts'

const caseSchema = z.object({
  params: z.object({
    config: z.object({
      vocab: z.int(),
      hidden: z.int(),
      inter: z.int(),
      layers: z.int(),
      heads: z.int(),
      kv: z.int(),
      theta: z.number(),
      eps: z.number(),
      batch: z.int(),
      length: z.int(),
    }),
    adamw: z.object({
      lr: z.number(),
      betas: z.tuple([z.number(), z.number()]),
      eps: z.number(),
      weight_decay: z.number(),
    }),
  }),
})

/** Names in the model folder of the parameters of one layer, beside ours. */
const LAYER = {
  attention_norm: 'input_layernorm',
  feed_norm: 'post_attention_layernorm',
  q: 'self_attn.q_proj',
  k: 'self_attn.k_proj',
  v: 'self_attn.v_proj',
  o: 'self_attn.o_proj',
  gate: 'mlp.gate_proj',
  up: 'mlp.up_proj',
  down: 'mlp.down_proj',
}

/** The tied model, whose output matrix is the embedding, as ours is. */
describeReference('llama-tiny', (reference) => {
  const { config, adamw } = reference.read(caseSchema).params
  const { vocab, batch, length } = config
  const shape = {
    width: config.hidden,
    layers: config.layers,
    heads: config.heads,
    keyValueHeads: config.kv,
    feedForward: config.inter,
    ropeTheta: config.theta,
    rmsEpsilon: config.eps,
  }
  const names: Record<string, string> = { embedding: 'model.embed_tokens.weight', norm: 'model.norm.weight' }
  for (let layer = 0; layer < config.layers; layer++)
    for (const [ours, theirs] of Object.entries(LAYER))
      names[`layer${layer}.${ours}`] = `model.layers.${layer}.${theirs}.weight`

  function load(): Record<string, HostTensor> {
    const { tensors } = decodeSafetensors(readFileSync(join(reference.directory, 'tied', 'model.safetensors')))
    return Object.fromEntries(
      Object.entries(names).map(([name, stored]) => {
        const { data, shape } = parameter(tensors, stored)
        if (!(data instanceof Float32Array)) throw new Error(`"${stored}" is not F32`)
        return [name, float32(data, shape)]
      }),
    )
  }

  /** The label of a position is the token after it. */
  function shiftedLabels(): HostTensor {
    const labels = reference.input('labels').integers
    return int32(
      labels.map((_, at) => (at % length === length - 1 ? IGNORED_LABEL : (labels[at + 1] as number))),
      [batch * length],
    )
  }

  const optimizer = {
    learningRate: adamw.lr,
    beta1: adamw.betas[0],
    beta2: adamw.betas[1],
    epsilon: adamw.eps,
    weightDecay: adamw.weight_decay,
    gradientClip: 0,
    warmupSteps: 0,
    schedule: 'constant',
  } as const

  it('has the parameters of the specs', () => {
    const specs = llamaSpecs(shape, vocab)
    const shapes = (tensors: Record<string, { shape: readonly number[] }>) =>
      Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]))
    expect(shapes(load())).toEqual(shapes(specs))
  })

  describe.each(runtimes)('on $name', (runtime) => {
    it('gives the logits, the masked loss, its gradients and the losses of training', async () => {
      const initial = load()
      const state = runtime.createState({ ...initial, ...initialMoments(initial) })
      const specs = {
        tokens: { shape: [batch, length], dtype: 'int32' },
        labels: { shape: [batch * length], dtype: 'int32' },
        learningRate: { shape: [] },
        correction1: { shape: [] },
        correction2: { shape: [] },
      } as const
      const program = await compile(runtime, state, 'llama', specs, state.names(), (tensors) => {
        const trained = Object.fromEntries(Object.keys(names).map((name) => [name, parameter(tensors, name)]))
        const { loss, gradients, aside } = valueAndGradients(() => {
          const logits = llama(trained, parameter(tensors, 'tokens'), shape)
          return { loss: softmaxCrossEntropy(logits, parameter(tensors, 'labels')).loss, aside: { logits } }
        }, trained)
        const { next } = adamUpdate(tensors, gradients, optimizer, tensors as unknown as UpdateInputs)
        const norms = Object.entries(gradients).map(([name, gradient]): [string, Tensor] => [
          `norm.${name}`,
          tf.sqrt(tf.sum(tf.square(gradient))),
        ])
        const replaced = Object.entries(next).map(([name, value]): [string, Tensor] => [STATE_PREFIX + name, value])
        return { loss, ...aside, ...Object.fromEntries(norms), ...Object.fromEntries(replaced) }
      })
      const given = { tokens: hostTensor(reference.input('input_ids')), labels: shiftedLabels() }
      const wanted = reference.expected('tied.train_losses').floats
      const outputs: Record<string, HostTensor>[] = []
      for (const at of wanted.keys()) {
        const numbers = Object.entries(updateInputs(optimizer, at + 1, wanted.length))
        const feeds = Object.fromEntries(numbers.map(([name, value]) => [name, scalar(value)]))
        outputs.push(await program.run({ ...given, ...feeds }))
      }
      await program.dispose()
      const first = outputs[0] ?? {}
      reference.expectTensor('tied.logits', floats(first, 'logits'))
      reference.expectScalar('tied.loss', number(first, 'loss'))
      const norms = Object.entries(names).map(([ours, theirs]) => [theirs, number(first, `norm.${ours}`)])
      reference.expectScalar('tied.grad_norms', Object.fromEntries(norms))
      reference.expectTensor(
        'tied.train_losses',
        outputs.map((output) => number(output, 'loss')),
      )
    })
  })
})
