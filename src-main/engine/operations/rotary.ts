import type { Attribute } from '../ir.ts'
import type { KernelRule } from '../kernels.ts'
import { type Tensor, tf } from '../tf.ts'

export const rotaryRules: Record<string, KernelRule> = {
  Rotary: {
    inputs: ['x', 'cos', 'sin'],
    infer: ([x, cos, sin]) => {
      const [batch, , length, d] = x?.shape ?? []
      const tables = [`${length},${(d ?? 0) / 2}`, `${batch},${length},${(d ?? 0) / 2}`]
      if (x?.shape.length !== 4 || !tables.includes(`${cos?.shape}`) || `${cos?.shape}` !== `${sin?.shape}`)
        throw new Error('rotary positions want x [B, H, L, d] and tables [L, d/2] or [B, L, d/2]')
      return [x]
    },
  },
}

/**
 * Rotary positions (Su et al. 2021), halves of a head turned against each other as LLaMA has them:
 * y = [x₁ cos − x₂ sin, x₂ cos + x₁ sin] with x = [x₁, x₂]. The tables get no gradient.
 * @param x [B, H, L, d]; cos, sin [L, d/2], or [B, L, d/2] where sequences have positions of their own
 */
export const rotary = (x: Tensor, cos: Tensor, sin: Tensor): tf.Tensor4D =>
  tf.engine().runKernel('Rotary', { x, cos, sin }, { inverse: false }) as tf.Tensor4D

// The gradient of a rotation is the rotation by the negative angle.
tf.registerGradient({
  kernelName: 'Rotary',
  inputsToSave: ['cos', 'sin'],
  gradFunc: (dy, [cos, sin], { inverse }) => ({
    x: () =>
      tf
        .engine()
        .runKernel(
          'Rotary',
          { x: dy as Tensor, cos: cos as Tensor, sin: sin as Tensor },
          { inverse: !inverse },
        ) as Tensor,
  }),
})

/** Plain composition, for the reference runtime. */
export const rotaryReference = {
  Rotary: ([x, cos, sin]: Tensor[], { inverse }: Record<string, Attribute>): Tensor[] => {
    const [first, second] = tf.split(x as Tensor, 2, -1) as [Tensor, Tensor]
    const perHead = (table: Tensor) => (table.rank === 3 ? tf.expandDims(table, 1) : table)
    const [c, s] = [perHead(cos as Tensor), perHead(inverse ? tf.neg(sin as Tensor) : (sin as Tensor))]
    return [tf.concat([tf.sub(tf.mul(first, c), tf.mul(second, s)), tf.add(tf.mul(second, c), tf.mul(first, s))], -1)]
  },
}
