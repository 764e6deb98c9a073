import { join } from 'node:path'
import { describe, it } from 'vitest'
import { z } from 'zod'
import { branch, prefixed } from '../../src-main/engine/parameters.ts'
import { floats } from '../../src-main/engine/runtimes/runtime.ts'
import { runOnce, runtimes } from '../../src-main/engine/testing/programs.ts'
import { tf } from '../../src-main/engine/tf.ts'
import { EMBEDDING, llamaStates } from '../../src-main/language/llama.ts'
import { embedPositions, JOIN, outputLogits, slotWeights } from '../../src-main/multimodal/model.ts'
import { type Position, positionTensors } from '../../src-main/multimodal/positions.ts'
import type { MultimodalConfig } from '../../src-shared/multimodal.ts'
import { tinyStageTwoConfig } from '../fixtures/tiny-stage-two-config.ts'
import { loadModel } from './decoder.ts'
import { describeReference, referenceCase } from './reference.ts'
import { hostTensor } from './tensors.ts'

const caseSchema = z.object({ params: z.object({ span_start: z.int(), span_end: z.int(), depth: z.int() }) })

/** Our name of each way to make one vector of several rows. */
const AGGREGATIONS: Record<string, MultimodalConfig['aggregation']> = {
  mean: 'mean',
  sum: 'sum',
  concat: 'concatenation',
}

describeReference('inputs-embeds', (reference) => {
  const { span_start: start, span_end: end, depth } = reference.read(caseSchema).params
  const tokens = hostTensor(reference.input('input_ids'))
  const codes = hostTensor(reference.input('visual_codes'))
  const [batch, length] = tokens.shape as [number, number]
  const sequences = Array.from({ length: batch }, (_, row) =>
    Array.from({ length }, (_, at): Position => {
      if (at < start || at >= end) return { kind: 'text', token: tokens.data[row * length + at] as number }
      const from = (row * (end - start) + at - start) * depth
      return { kind: 'cell', codes: (codes.data as Int32Array).subarray(from, from + depth), cell: at - start }
    }),
  )

  describe.each(runtimes)('on $name', (runtime) => {
    it.each(Object.entries(AGGREGATIONS))('reads cells that are the %s of several rows', async (kind, aggregation) => {
      const { shape: llama, parameters } = await loadModel(join(referenceCase('llama-tiny').directory, 'untied'))
      const config = tinyStageTwoConfig('name', ({ multimodal }) => Object.assign(multimodal, { aggregation }))
      const shape = { slots: depth, features: 0, weights: slotWeights(aggregation, depth), places: 0 }
      const reading = { config, shape, table: `language.${EMBEDDING}`, ids: null }
      const inputs = {
        ...prefixed(parameters, 'language'),
        ...positionTensors(sequences, shape, { batch, length }, 0),
        [`multimodal.${JOIN}`]: hostTensor(reference.input('concat_projection')),
      }
      const got = await runOnce(runtime, inputs, (tensors) => {
        const embeddings = tf.reshape(embedPositions(tensors, reading), [batch, length, llama.width])
        const states = llamaStates(branch(tensors, 'language'), embeddings, llama)
        return { embeddings, logits: outputLogits(tensors, states, llama, reading) }
      })
      reference.expectTensor(`${kind}.inputs_embeds`, floats(got, 'embeddings'))
      reference.expectTensor(`${kind}.logits`, floats(got, 'logits'))
    })
  })
})
