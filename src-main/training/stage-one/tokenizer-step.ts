import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { meanNorm } from '../../codebook/release.ts'
import { valueAndGradients } from '../../engine/gradients.ts'
import { branch, type Parameters, parameter } from '../../engine/parameters.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import type { PerceptualNetwork } from '../../tokenizers/perceptual/perceptual-network.ts'
import { createTokenizer } from '../../tokenizers/tokenizer.ts'
import { adamUpdate, type UpdateInputs } from '../optimizer.ts'
import { codebookAtStart, restarts, updateCodebook } from './codebook-update.ts'
import { adversarialLoss, discriminatorStep } from './discriminator-step.ts'
import { pictureLoss } from './picture-loss.ts'
import { CODES, COUNTS, toState } from './state.ts'

export interface TokenizerStepOptions {
  /** Whether the discriminator takes part. */
  adversarial: boolean
  /** Of the perceptual loss; null without one. */
  perceptual: PerceptualNetwork | null
}

/**
 * One update of encoder, decoder and codebook, and of the discriminator where it takes part.
 * @param trained the tokenizer's parameters that learn, which are among the tensors
 */
export function tokenizerStep(
  config: ExperimentConfig,
  trained: Parameters,
  tensors: Parameters,
  { adversarial, perceptual }: TokenizerStepOptions,
): Record<string, Tensor> {
  const tokenizer = createTokenizer(config)
  const images = parameter(tensors, 'images')
  const codebook = codebookAtStart(config, tensors)
  const distance = perceptual?.bind() ?? null
  const { gradients, aside } = valueAndGradients(() => {
    const visual = branch(tensors, 'tokenizer')
    const { quantized, codes, commitment, assignments } = tokenizer.tokenize(visual, images, codebook)
    const last = tokenizer.decodeToLastLayer(visual, quantized)
    const painted = last.paint(last.kernel)
    const pictures = pictureLoss(config, images, painted, distance)
    const judged = adversarial
      ? adversarialLoss(config, tensors, last, (painted) => pictureLoss(config, images, painted, distance).nll)
      : { loss: pictures.nll, aside: {} }
    const loss = tf.add(judged.loss, tf.mul(commitment, config.losses.commitment))
    const numbered: Record<string, Tensor> = {}
    for (const [layer, { features, indices }] of assignments.entries())
      Object.assign(numbered, {
        [`codes.${layer}`]: codes[layer],
        [`features.${layer}`]: features,
        [`indices.${layer}`]: indices,
      })
    return {
      loss,
      aside: {
        painted,
        reconstruction: pictures.reconstruction,
        ...(pictures.perceptual ? { perceptual: pictures.perceptual } : {}),
        commitment,
        ...judged.aside,
        ...numbered,
      } as Record<string, Tensor>,
    }
  }, trained)
  const { next, norm } = adamUpdate(tensors, gradients, config.optimizer, tensors as unknown as UpdateInputs)
  const layers = Array.from({ length: config.tokenizer.layers }, (_, layer) => ({
    features: parameter(aside, `features.${layer}`),
    indices: parameter(aside, `indices.${layer}`),
  }))
  const features = tf.concat(
    layers.map((layer) => layer.features),
    0,
  )
  const featureNorm = meanNorm(features)
  const updated = updateCodebook(config, tensors, codebook, layers, featureNorm)
  const judged = adversarial
    ? discriminatorStep(config, tensors, images, parameter(aside, 'painted'))
    : { next: {}, outputs: {} }
  return {
    ...toState({ ...next, ...updated, ...judged.next }),
    ...judged.outputs,
    ...(adversarial
      ? {
          generator: parameter(aside, 'generator'),
          lambda: parameter(aside, 'lambda'),
          weighted: parameter(aside, 'weighted'),
        }
      : {}),
    ...Object.fromEntries(layers.map((_, layer) => [`codes.${layer}`, parameter(aside, `codes.${layer}`)])),
    reconstruction: parameter(aside, 'reconstruction'),
    ...(perceptual ? { perceptual: parameter(aside, 'perceptual') } : {}),
    commitment: parameter(aside, 'commitment'),
    gradientNorm: norm,
    featureNorm,
    // What restarts are decided and made from, outside of the graph.
    ...(restarts(config) ? { counts: parameter(updated, COUNTS), features } : {}),
  }
}

/** Vectors that a batch's pictures are quantized from, per layer: features.<layer> [N_l, n]. */
export function quantizedFeatures(config: ExperimentConfig, tensors: Parameters): Record<string, Tensor> {
  const tokenizer = createTokenizer(config)
  const { assignments } = tokenizer.tokenize(
    branch(tensors, 'tokenizer'),
    parameter(tensors, 'images'),
    parameter(tensors, CODES),
  )
  return Object.fromEntries(assignments.map(({ features }, layer) => [`features.${layer}`, features]))
}

/**
 * Pictures, code maps and errors of a batch, without learning from it; reconstructions are clipped to [−1, 1] before they
 * are measured.
 * @param networks by the name of their output, each the distances [B] of one
 */
export function reconstruct(
  config: ExperimentConfig,
  tensors: Parameters,
  networks: Readonly<Record<string, PerceptualNetwork>>,
): Record<string, Tensor> {
  const tokenizer = createTokenizer(config)
  const visual = branch(tensors, 'tokenizer')
  const images = parameter(tensors, 'images')
  const { quantized, codes } = tokenizer.tokenize(visual, images, parameter(tensors, CODES))
  const reconstruction = tokenizer.decode(visual, quantized)
  const clipped = tf.clipByValue(reconstruction, -1, 1)
  return {
    reconstruction,
    error: tf.mean(tf.squaredDifference(images, clipped), [1, 2, 3]),
    absolute: tf.mean(tf.abs(tf.sub(images, clipped)), [1, 2, 3]),
    ...Object.fromEntries(Object.entries(networks).map(([name, network]) => [name, network.bind()(clipped, images)])),
    ...Object.fromEntries(codes.map((map, layer) => [`codes.${layer}`, map])),
  }
}
