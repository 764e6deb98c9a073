import type { KernelRule } from '../kernels.ts'
import { type Tensor, tf } from '../tf.ts'

/** Label that does not count. */
export const IGNORED_LABEL = -100

export const softmaxCrossEntropyRules: Record<string, KernelRule> = {
  /** outputs: mean loss [], labels that count [], log-probabilities [R, V] */
  SoftmaxCrossEntropy: {
    inputs: ['logits', 'labels'],
    infer: ([logits, labels]) => {
      if (logits?.shape.length !== 2 || labels?.shape.length !== 1 || labels.shape[0] !== logits.shape[0])
        throw new Error('cross-entropy wants logits [R, V] and labels [R]')
      return [{ shape: [], dtype: 'float32' }, { shape: [], dtype: 'float32' }, logits]
    },
  },
  SoftmaxCrossEntropyGrad: {
    inputs: ['dy', 'logProbabilities', 'labels', 'counted'],
    infer: ([, logProbabilities]) => [logProbabilities] as ReturnType<KernelRule['infer']>,
  },
}

/**
 * Mean negative log-likelihood over every label that is not IGNORED_LABEL, pooled over all rows.
 * If every label is ignored the loss and its gradient are 0 (torch gives NaN); `counted` tells.
 * @param logits [R, V]; labels int32 [R]
 */
export function softmaxCrossEntropy(
  logits: Tensor,
  labels: Tensor,
): { loss: tf.Scalar; counted: tf.Scalar; logProbabilities: tf.Tensor2D } {
  const [loss, counted, logProbabilities] = tf
    .engine()
    .runKernel('SoftmaxCrossEntropy', { logits, labels }) as unknown as Tensor[]
  return { loss: loss as tf.Scalar, counted: counted as tf.Scalar, logProbabilities: logProbabilities as tf.Tensor2D }
}

tf.registerGradient({
  kernelName: 'SoftmaxCrossEntropy',
  inputsToSave: ['labels'],
  outputsToSave: [false, true, true],
  gradFunc: (dy, saved) => {
    const [labels, counted, logProbabilities] = saved as [Tensor, Tensor, Tensor]
    const first = (Array.isArray(dy) ? dy[0] : dy) as Tensor
    return {
      logits: () =>
        tf.engine().runKernel('SoftmaxCrossEntropyGrad', { dy: first, logProbabilities, labels, counted }) as Tensor,
      labels: () => tf.zeros(labels.shape),
    }
  },
})

/** Plain compositions, for the reference runtime. Gradient: (softmax − one-hot) / counted, 0 on ignored rows. */
export const softmaxCrossEntropyReference = {
  SoftmaxCrossEntropy: ([logits, labels]: Tensor[]): Tensor[] => {
    const logProbabilities = tf.logSoftmax(logits as Tensor)
    const counts = tf.cast(tf.notEqual(labels as Tensor, tf.scalar(IGNORED_LABEL, 'int32')), 'float32')
    const safe = tf.maximum(labels as Tensor, tf.scalar(0, 'int32')) as tf.Tensor1D
    const picked = tf.sum(
      tf.mul(logProbabilities, tf.cast(tf.oneHot(safe, (logits as Tensor).shape[1] as number), 'float32')),
      1,
    )
    const counted = tf.sum(counts)
    return [tf.div(tf.neg(tf.sum(tf.mul(picked, counts))), tf.maximum(counted, 1)), counted, logProbabilities]
  },
  SoftmaxCrossEntropyGrad: ([dy, logProbabilities, labels, counted]: Tensor[]): Tensor[] => {
    const counts = tf.cast(tf.notEqual(labels as Tensor, tf.scalar(IGNORED_LABEL, 'int32')), 'float32')
    const safe = tf.maximum(labels as Tensor, tf.scalar(0, 'int32')) as tf.Tensor1D
    const hot = tf.cast(tf.oneHot(safe, (logProbabilities as Tensor).shape[1] as number), 'float32')
    const weight = tf.div(tf.mul(counts, dy as Tensor), tf.maximum(counted as Tensor, 1))
    return [tf.mul(tf.sub(tf.exp(logProbabilities as Tensor), hot), tf.expandDims(weight, 1))]
  },
}
