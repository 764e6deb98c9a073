import type { OptimizerConfig } from '../../../src-shared/config.ts'
import { valueAndGradients } from '../../engine/gradients.ts'
import { softmaxCrossEntropy } from '../../engine/operations/softmax-cross-entropy.ts'
import { branch, type Parameters, parameter } from '../../engine/parameters.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import { codeInputs, PRIOR } from '../../priors/code-inputs.ts'
import { codeFeatures } from '../../priors/features.ts'
import type { Prior, PriorShape } from '../../priors/prior.ts'
import { adamUpdate, type UpdateInputs } from '../optimizer.ts'
import { toState } from '../stage-one/state.ts'

export const labelsOf = (layer: number): string => `labels.${layer}`

/** Logits of all codes of a batch, per layer [B · h · w, codes of the layer]. */
function allLogits(prior: Prior, shape: PriorShape, tensors: Parameters): Tensor[] {
  const parameters = branch(tensors, PRIOR)
  const codes = codeInputs(tensors, shape)
  const features = codeFeatures(prior, shape, parameters, codes, parameter(tensors, 'classes'))
  return features.map((rows, layer) => prior.logits(parameters, layer, rows))
}

/** Mean −log p of the codes of a batch over all layers, each code counting alike. */
export function priorLoss(prior: Prior, shape: PriorShape, tensors: Parameters): tf.Scalar {
  const codes = codeInputs(tensors, shape)
  const total = codes.reduce((sum, { size }) => sum + size, 0)
  const losses = allLogits(prior, shape, tensors).map((logits, layer) => {
    const { size } = codes[layer] as Tensor
    const { loss } = softmaxCrossEntropy(logits, tf.reshape(codes[layer] as Tensor, [size]))
    return tf.mul(loss, size / total)
  })
  return tf.addN(losses) as tf.Scalar
}

/** One update of a prior. @param tensors codes.<layer>, classes, UpdateInputs, and the state */
export function priorStep(
  prior: Prior,
  shape: PriorShape,
  optimizer: OptimizerConfig,
  tensors: Parameters,
): Record<string, Tensor> {
  const trained = Object.fromEntries(
    Object.keys(prior.specs).map((name) => [`${PRIOR}.${name}`, parameter(tensors, `${PRIOR}.${name}`)]),
  )
  const { loss, gradients } = valueAndGradients(() => ({ loss: priorLoss(prior, shape, tensors), aside: {} }), trained)
  const { next, norm } = adamUpdate(tensors, gradients, optimizer, tensors as unknown as UpdateInputs)
  return { ...toState(next), loss, gradientNorm: norm }
}

/**
 * Loss of each layer over the labels that count, without learning from them.
 * @param tensors codes.<layer>, classes, labels.<layer> int32 [B · h · w], and the parameters
 */
export function layerLosses(prior: Prior, shape: PriorShape, tensors: Parameters): Record<string, Tensor> {
  const losses = allLogits(prior, shape, tensors).map(
    (logits, layer) => softmaxCrossEntropy(logits, parameter(tensors, labelsOf(layer))).loss,
  )
  return Object.fromEntries(losses.map((loss, layer) => [`loss.${layer}`, loss]))
}
