import { describe, it } from 'vitest'
import { z } from 'zod'
import { batchStatistics, updateMovingAverage } from '../../src-main/codebook/rules.ts'
import { compile } from '../../src-main/engine/compile.ts'
import { valueAndGradients } from '../../src-main/engine/gradients.ts'
import { parameter } from '../../src-main/engine/parameters.ts'
import { float32, type HostTensor, type Runtime, STATE_PREFIX } from '../../src-main/engine/runtimes/runtime.ts'
import { runtimes } from '../../src-main/engine/testing/programs.ts'
import { type Tensor, tf } from '../../src-main/engine/tf.ts'
import { vq } from '../../src-main/tokenizers/quantizers/vq.ts'
import { describeReference } from './reference.ts'
import { collect, hostStep, hostTensor } from './tensors.ts'

const caseSchema = z.object({
  params: z.object({
    steps: z.int(),
    variants: z.record(z.string(), z.object({ decay: z.number(), eps: z.number(), commitment_weight: z.number() })),
  }),
})

describeReference('ema-vq', (reference) => {
  const { steps, variants } = reference.read(caseSchema).params
  const expected = ['indices', 'quantized', 'commit_loss', 'input_grad', 'cluster_size', 'embed_avg', 'embed']

  /** Runs all steps of a variant; a sequence of n vectors is taken as a map of n × 1. */
  async function train(runtime: Runtime, name: string, { decay, eps, commitment_weight }: Variant) {
    const codebook = reference.input(`${name}.initial_codebook`)
    const inputs = reference.input(`${name}.inputs`)
    const [codes, width] = codebook.shape as [number, number]
    const [, batch, length] = inputs.shape as [number, number, number]
    const map = [batch, length, 1, width]
    const state = runtime.createState({
      codebook: hostTensor(codebook),
      sums: hostTensor(codebook),
      clusterSize: float32(new Float32Array(codes).fill(1), [codes]),
    })
    const step = (tensors: Record<string, Tensor>) => {
      const x = parameter(tensors, 'x')
      const { gradients, aside } = valueAndGradients(
        () => {
          const quantization = vq(width).quantize({}, x, parameter(tensors, 'codebook'))
          const { quantized, codes, assignments } = quantization
          const commitment = tf.mul(quantization.commitment, commitment_weight)
          const loss = tf.add(tf.sum(tf.mul(quantized, parameter(tensors, 'probe'))), commitment)
          return { loss, aside: { quantized, commitment, codes: codes[0] as Tensor, ...assignments[0] } }
        },
        { x },
      )
      const before = { clusterSize: parameter(tensors, 'clusterSize'), sums: parameter(tensors, 'sums') }
      const assignment = { features: aside.features as Tensor, indices: aside.indices as Tensor }
      const after = updateMovingAverage(before, batchStatistics([assignment], codes), decay, eps)
      return {
        indices: aside.codes,
        quantized: aside.quantized,
        commit_loss: aside.commitment,
        input_grad: gradients.x as Tensor,
        cluster_size: after.clusterSize,
        embed_avg: after.sums,
        embed: after.codebook,
        [`${STATE_PREFIX}clusterSize`]: after.clusterSize,
        [`${STATE_PREFIX}sums`]: after.sums,
        [`${STATE_PREFIX}codebook`]: after.codebook,
      }
    }
    const specs = { x: { shape: map }, probe: { shape: map } }
    const program = await compile(runtime, state, name, specs, state.names(), step)
    const probe = hostTensor(reference.input(`${name}.probe`), map)
    const outputs: Record<string, HostTensor>[] = []
    for (let at = 0; at < steps; at++) outputs.push(await program.run({ x: hostStep(inputs, at, map), probe }))
    await program.dispose()
    return outputs
  }

  describe.each(runtimes)('on $name', (runtime) => {
    it.each(Object.entries(variants))(
      '%s: quantizes straight through and moves the codebook by its moving average, step by step',
      async (name, variant) => {
        const outputs = await train(runtime, name, variant)
        for (const tensor of expected) reference.expectTensor(`${name}.${tensor}`, collect(outputs, tensor))
      },
    )
  })
})

type Variant = z.infer<typeof caseSchema>['params']['variants'][string]
