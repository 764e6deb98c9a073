import type { KernelRule } from '../kernels.ts'
import { type Tensor, tf } from '../tf.ts'

const same: KernelRule['infer'] = (inputs) => [inputs.at(-1) as (typeof inputs)[number]]

export const siluRules: Record<string, KernelRule> = {
  Silu: { inputs: ['x'], infer: same },
  SiluGrad: { inputs: ['dy', 'x'], infer: same },
}

/** SiLU: x · sigmoid(x) (Elfwing et al. 2017), as one kernel with a closed-form gradient. */
export const silu = <T extends Tensor>(x: T): T => tf.engine().runKernel('Silu', { x }) as T

tf.registerGradient({
  kernelName: 'Silu',
  inputsToSave: ['x'],
  gradFunc: (dy, saved) => ({
    x: () => tf.engine().runKernel('SiluGrad', { dy: dy as Tensor, x: saved[0] as Tensor }) as Tensor,
  }),
})

/** Plain compositions, for the reference runtime: d/dx = s + x·s·(1 − s). */
export const siluReference = {
  Silu: ([x]: Tensor[]): Tensor[] => [tf.mul(x as Tensor, tf.sigmoid(x as Tensor))],
  SiluGrad: ([dy, x]: Tensor[]): Tensor[] => {
    const s = tf.sigmoid(x as Tensor)
    return [tf.mul(dy as Tensor, tf.add(s, tf.mul(x as Tensor, tf.mul(s, tf.sub(1, s)))))]
  },
}
