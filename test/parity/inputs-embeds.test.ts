import { join } from 'node:path'
import { describe, it } from 'vitest'
import { z } from 'zod'
import { parameter } from '../../src-main/engine/parameters.ts'
import { floats } from '../../src-main/engine/runtimes/runtime.ts'
import { runOnce, runtimes } from '../../src-main/engine/testing/programs.ts'
import { type Tensor, tf } from '../../src-main/engine/tf.ts'
import { EMBEDDING, llamaFromEmbeddings } from '../../src-main/language/llama.ts'
import { loadModel } from './decoder.ts'
import { describeReference, referenceCase } from './reference.ts'
import { hostTensor } from './tensors.ts'

const caseSchema = z.object({ params: z.object({ span_start: z.int(), span_end: z.int(), depth: z.int() }) })

describeReference('inputs-embeds', (reference) => {
  const { span_start: start, span_end: end, depth } = reference.read(caseSchema).params
  const tokens = hostTensor(reference.input('input_ids'))
  const [batch, length] = tokens.shape as [number, number]

  /** What one position of the span gets from the rows of its codes, [B · span, depth, H] → [B · span, H]. */
  const aggregates: Record<string, (rows: Tensor, projection: Tensor) => Tensor> = {
    mean: (rows) => tf.mean(rows, 1),
    sum: (rows) => tf.sum(rows, 1),
    concat: (rows, projection) =>
      tf.matMul(tf.reshape(rows, [batch * (end - start), -1]) as tf.Tensor2D, projection as tf.Tensor2D),
  }

  describe.each(runtimes)('on $name', (runtime) => {
    it.each(Object.keys(aggregates))('takes embeddings of which a span is the %s of several rows', async (kind) => {
      const { shape, parameters } = await loadModel(join(referenceCase('llama-tiny').directory, 'untied'))
      const inputs = {
        ...parameters,
        tokens,
        codes: hostTensor(reference.input('visual_codes'), [batch * (end - start), depth]),
        projection: hostTensor(reference.input('concat_projection')),
      }
      const got = await runOnce(runtime, inputs, (tensors) => {
        const table = parameter(tensors, EMBEDDING)
        const text = tf.gather(table, parameter(tensors, 'tokens') as tf.Tensor1D)
        const rows = tf.gather(table, parameter(tensors, 'codes') as tf.Tensor1D)
        const span = (aggregates[kind] as (typeof aggregates)[string])(rows, parameter(tensors, 'projection'))
        const embeddings = tf.concat(
          [
            tf.slice(text, [0, 0, 0], [batch, start, shape.width]),
            tf.reshape(span, [batch, end - start, shape.width]),
            tf.slice(text, [0, end, 0], [batch, length - end, shape.width]),
          ],
          1,
        )
        return { embeddings, logits: llamaFromEmbeddings(tensors, embeddings, shape) }
      })
      reference.expectTensor(`${kind}.inputs_embeds`, floats(got, 'embeddings'))
      reference.expectTensor(`${kind}.logits`, floats(got, 'logits'))
    })
  })
})
