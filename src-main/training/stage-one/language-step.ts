import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { valueAndGradients } from '../../engine/gradients.ts'
import { softmaxCrossEntropy } from '../../engine/operations/softmax-cross-entropy.ts'
import { branch, type Parameters, parameter } from '../../engine/parameters.ts'
import type { Tensor } from '../../engine/tf.ts'
import { type LlamaShape, llama } from '../../language/llama.ts'
import { adamUpdate, type UpdateInputs } from '../optimizer.ts'
import { toState } from './state.ts'

/** One update of the language model by its loss on answer tokens (Eq. 6). @param trained its parameters that learn, which are among the tensors */
export function languageStep(
  config: ExperimentConfig,
  shape: LlamaShape,
  trained: Parameters,
  tensors: Parameters,
): Record<string, Tensor> {
  const { loss, gradients } = valueAndGradients(() => {
    const logits = llama(branch(tensors, 'language'), parameter(tensors, 'tokens'), shape)
    return { loss: softmaxCrossEntropy(logits, parameter(tensors, 'labels')).loss, aside: {} }
  }, trained)
  const { next } = adamUpdate(tensors, gradients, config.language.optimizer, tensors as unknown as UpdateInputs)
  return { ...toState(next), loss }
}

/** Loss of a batch of texts, without learning from it. */
export function languageLoss(shape: LlamaShape, tensors: Parameters): Record<string, Tensor> {
  const logits = llama(branch(tensors, 'language'), parameter(tensors, 'tokens'), shape)
  const { loss, counted } = softmaxCrossEntropy(logits, parameter(tensors, 'labels'))
  return { loss, counted }
}
