import { describe, it } from 'vitest'
import { z } from 'zod'
import { valueAndGradients } from '../../src-main/engine/gradients.ts'
import { rmsNorm } from '../../src-main/engine/operations/rms-norm.ts'
import { softmaxCrossEntropy } from '../../src-main/engine/operations/softmax-cross-entropy.ts'
import { parameter } from '../../src-main/engine/parameters.ts'
import { floats, number } from '../../src-main/engine/runtimes/runtime.ts'
import { runOnce, runtimes } from '../../src-main/engine/testing/programs.ts'
import { type Tensor, tf } from '../../src-main/engine/tf.ts'
import { applyRope, ropeTables } from '../../src-main/language/llama.ts'
import { describeReference } from './reference.ts'
import { hostTensor } from './tensors.ts'

const caseSchema = z.object({ params: z.object({ thetas: z.array(z.number()), eps: z.array(z.number()) }) })

describeReference('schedule-free-numerics', (reference) => {
  const { thetas, eps } = reference.read(caseSchema).params
  const [batch, length, vocabulary] = reference.input('logits').shape as [number, number, number]
  const given = (...names: string[]) =>
    Object.fromEntries(names.map((name) => [name, hostTensor(reference.input(name))]))
  const positions = Array.from(reference.input('positions').integers)

  /** Cross-entropy of positions from 0 against labels from `shift`. */
  const crossEntropy =
    (shift: 0 | 1) =>
    (tensors: Record<string, Tensor>): Record<string, Tensor> => {
      const logits = parameter(tensors, 'logits')
      const labels = parameter(tensors, 'labels')
      const kept = length - shift
      const { loss, gradients, aside } = valueAndGradients(
        () => {
          const rows = tf.reshape(tf.slice(logits, [0, 0, 0], [batch, kept, vocabulary]), [batch * kept, vocabulary])
          const targets = tf.reshape(tf.slice(labels, [0, shift], [batch, kept]), [batch * kept])
          const { loss, counted } = softmaxCrossEntropy(rows, targets)
          return { loss, aside: { counted } }
        },
        { logits },
      )
      return { loss, counted: aside.counted, gradient: gradients.logits as Tensor }
    }

  describe.each(runtimes)('on $name', (runtime) => {
    it.each([
      ['ce_unshifted', 0],
      ['ce_shifted', 1],
    ] as const)(
      '%s: cross-entropy pools all labels that count, and ignored ones get no gradient',
      async (name, shift) => {
        const got = await runOnce(runtime, given('logits', 'labels'), crossEntropy(shift))
        reference.expectScalar(name, number(got, 'loss'))
        reference.expectScalar(`${name}_tokens`, number(got, 'counted'))
        reference.expectTensor(`${name}_grad`, floats(got, 'gradient'))
      },
    )

    it.each(eps)('RMS normalisation with ε = %f and its gradients', async (epsilon) => {
      const got = await runOnce(runtime, given('x', 'weight', 'probe'), (tensors) => {
        const [x, weight] = [parameter(tensors, 'x'), parameter(tensors, 'weight')]
        const { gradients, aside } = valueAndGradients(
          () => {
            const y = rmsNorm(x, weight, epsilon)
            return { loss: tf.sum(tf.mul(y, parameter(tensors, 'probe'))), aside: { y } }
          },
          { x, weight },
        )
        return { y: aside.y, x_grad: gradients.x as Tensor, weight_grad: gradients.weight as Tensor }
      })
      const name = reference
        .names('expected', 'rmsnorm_eps')
        .find((candidate) => Number(candidate.slice('rmsnorm_eps'.length)) === epsilon)
      if (!name) throw new Error(`the case has no rmsnorm tensor for eps ${epsilon}`)
      reference.expectTensor(name, floats(got, 'y'))
      reference.expectTensor(`${name}.x_grad`, floats(got, 'x_grad'))
      reference.expectTensor(`${name}.weight_grad`, floats(got, 'weight_grad'))
    })

    it.each(thetas)('rotary positions with θ = %d turn halves, at positions that are not contiguous', async (theta) => {
      const [headWidth] = reference.input('q').shape.slice(-1) as [number]
      const got = await runOnce(runtime, given('q', 'k'), (tensors) => {
        const tables = ropeTables(positions, headWidth, theta)
        return {
          ...tables,
          'turned.q': applyRope(parameter(tensors, 'q'), tables),
          'turned.k': applyRope(parameter(tensors, 'k'), tables),
        }
      })
      for (const name of ['cos', 'sin', 'turned.q', 'turned.k'])
        reference.expectTensor(`rope_theta${theta}.${name.replace('turned.', '')}`, floats(got, name))
    })
  })
})
