import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { batchStatistics, updateMovingAverage } from '../../src-main/codebook/rules.ts'
import { compile } from '../../src-main/engine/compile.ts'
import { parameter } from '../../src-main/engine/parameters.ts'
import { floats, type HostTensor, number, STATE_PREFIX } from '../../src-main/engine/runtimes/runtime.ts'
import { runOnce, runtimes } from '../../src-main/engine/testing/programs.ts'
import { type Tensor, tf } from '../../src-main/engine/tf.ts'
import { rq } from '../../src-main/tokenizers/quantizers/rq.ts'
import { commitmentLoss } from '../../src-main/tokenizers/quantizers/search.ts'
import { describeReference } from './reference.ts'
import { collect, hostStep, hostTensor } from './tensors.ts'

const caseSchema = z.object({
  params: z.object({ depth: z.int(), decay: z.number(), eps: z.number(), steps: z.int() }),
})

describeReference('rq-shared', (reference) => {
  const { depth, decay, eps, steps } = reference.read(caseSchema).params
  const codebook = reference.input('codebook')
  const inputs = reference.input('inputs')
  const [codes, width] = codebook.shape as [number, number]
  const [, batch, length] = inputs.shape as [number, number, number]
  /** A sequence of n vectors is taken as a map of n × 1. */
  const map = [batch, length, 1, width]
  const quantizer = rq(width, depth)
  /** Depth comes last in the stored indices. */
  const interleaved = (layers: Tensor[]) => tf.reshape(tf.stack(layers, -1), [batch, length, depth])

  describe.each(runtimes)('on $name', (runtime) => {
    it('quantizes the residuals of all depths by one codebook, and commits to each cumulative sum', async () => {
      const given = { x: hostStep(inputs, 0, map), codebook: hostTensor(codebook) }
      const got = await runOnce(runtime, given, (tensors) => {
        const [x, table] = [parameter(tensors, 'x'), parameter(tensors, 'codebook')]
        const { quantized, codes, commitment } = quantizer.quantize({}, x, table)
        const cumulative = codes.map((_, layer) => quantizer.embed({}, codes.slice(0, layer + 1), table))
        return {
          indices: interleaved(codes),
          quantized,
          cumulative: tf.stack(cumulative),
          commit_loss_per_depth: tf.stack(cumulative.map((sum) => commitmentLoss(x, sum))),
          commitment,
        }
      })
      for (const name of ['indices', 'quantized', 'cumulative', 'commit_loss_per_depth'])
        reference.expectTensor(name, collect([got], name))
      reference.expectScalar('rq_commit_loss', number(got, 'commitment'))
    })

    it('moves the codebook once a step, by the assignments of all depths together', async () => {
      const state = runtime.createState({
        codebook: hostTensor(codebook),
        clusterSize: hostTensor(reference.input('cluster_size')),
        sums: hostTensor(reference.input('embed_avg')),
      })
      const program = await compile(runtime, state, 'rq', { x: { shape: map } }, state.names(), (tensors) => {
        const { codes: layers, assignments } = quantizer.quantize(
          {},
          parameter(tensors, 'x'),
          parameter(tensors, 'codebook'),
        )
        const statistics = batchStatistics(assignments, codes)
        const before = { clusterSize: parameter(tensors, 'clusterSize'), sums: parameter(tensors, 'sums') }
        const after = updateMovingAverage(before, statistics, decay, eps)
        return {
          'train.indices': interleaved(layers),
          'train.counts': statistics.counts,
          'train.sums': statistics.sums,
          'train.cluster_size': after.clusterSize,
          'train.embed_avg': after.sums,
          'train.codebook': after.codebook,
          ...Object.fromEntries(Object.entries(after).map(([name, tensor]) => [STATE_PREFIX + name, tensor])),
        }
      })
      const outputs: Record<string, HostTensor>[] = []
      for (let step = 0; step < steps; step++) outputs.push(await program.run({ x: hostStep(inputs, step, map) }))
      await program.dispose()
      for (const name of reference.names('expected', 'train.')) reference.expectTensor(name, collect(outputs, name))
      // The state holds what the last step handed out.
      expect((await state.read('codebook')).data).toEqual(floats(outputs.at(-1) ?? {}, 'train.codebook'))
    })
  })
})
