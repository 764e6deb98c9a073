import { keepForTrace } from './kept-tensors.ts'
import { type Tensor, tf } from './tf.ts'

/**
 * Value of a scalar loss, its gradients by parameter name, and whatever else the loss function wants to hand out.
 * @param parameters what to differentiate by
 * @throws Error naming the parameters that the loss does not depend on
 */
export function valueAndGradients<Aside extends Record<string, Tensor>>(
  loss: () => { loss: Tensor; aside: Aside },
  parameters: Readonly<Record<string, Tensor>>,
): { loss: Tensor; gradients: Record<string, Tensor>; aside: Aside } {
  const names = Object.keys(parameters)
  let aside: Aside | undefined
  const result = tf.engine().gradients(
    () => {
      const computed = loss()
      for (const tensor of Object.values(computed.aside)) keepForTrace(tensor)
      aside = computed.aside
      return computed.loss
    },
    Object.values(parameters),
    undefined,
    true,
  )
  const gradients: Record<string, Tensor> = {}
  const missing: string[] = []
  for (const [index, name] of names.entries()) {
    const gradient = result.grads[index]
    if (gradient) gradients[name] = gradient
    else missing.push(name)
  }
  if (missing.length > 0)
    throw new Error(
      `the loss does not depend on ${missing.length} parameters: ${missing.slice(0, 8).join(', ')}; take them out of what is trained`,
    )
  return { loss: result.value, gradients, aside: aside as Aside }
}

/** The same value, cut off from the gradient tape: sg[·]. */
export function stopGradient<T extends Tensor>(x: T): T {
  const engine = tf.engine()
  engine.backend.incRef(x.dataId)
  return engine.makeTensorFromTensorInfo({ dataId: x.dataId, shape: x.shape, dtype: x.dtype }) as T
}

/** Straight-through estimator (Bengio et al. 2013): the value of `quantized`, the gradient of `z`. */
export const straightThrough = tf.customGrad((_z, quantized, _save) => ({
  value: tf.clone(quantized as Tensor),
  gradFunc: (dy: Tensor) => [dy, tf.zerosLike(dy)],
})) as <T extends Tensor>(z: T, quantized: Tensor) => T
