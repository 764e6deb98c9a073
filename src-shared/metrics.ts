import type { MetricDefinition } from './metric-definition.ts'
import type { TaskName } from './multimodal.ts'
import { multimodalMetric, taskResults } from './multimodal-metrics.ts'
import { priorMetric } from './prior-metrics.ts'

export type { MetricDefinition }

const fixed: Record<string, MetricDefinition> = {
  'loss.reconstruction': {
    label: 'Reconstruction loss',
    unit: 'MSE or L1, pixels in [−1, 1]',
    definition: 'Mean over the training batch of the reconstruction loss of the config, before the update of the step.',
    better: 'lower',
    group: 'reconstruction',
  },
  'loss.commitment': {
    label: 'Commitment loss',
    unit: 'mean squared, unweighted',
    definition: 'Mean over layers and elements of (z − sg[q])²; rq: of (x − sg[cumulative sum])² over depths.',
    better: 'none',
    group: 'reconstruction',
  },
  'loss.perceptual': {
    label: 'Perceptual loss',
    unit: 'feature distance, unweighted',
    definition:
      'Mean over the training batch of the feature distance of losses.perceptual.network between pictures and reconstructions, before its weight: MobileNetV2 feature distance, or LPIPS (VGG16) with the user’s weights.',
    better: 'lower',
    group: 'reconstruction',
  },
  'loss.adversarial.generator': {
    label: 'Generator loss',
    unit: '−mean logit',
    definition:
      '−mean over patches of the discriminator’s logits of the painted pictures, batch normalisation in training mode, before the weight (VQGAN).',
    better: 'none',
    group: 'adversarial',
  },
  'loss.adversarial.discriminator': {
    label: 'Discriminator loss',
    unit: 'hinge or vanilla, × 0.5',
    definition:
      'hinge: ½ (mean relu(1 − real) + mean relu(1 + fake)); vanilla: ½ (mean softplus(−real) + mean softplus(fake)), over patches, before its update. hinge 1, vanilla 0.69: it cannot tell; 0: it is sure, and teaches the tokenizer little.',
    better: 'none',
    group: 'adversarial',
  },
  'adversarial.lambda': {
    label: 'λ of the adversarial loss',
    unit: 'ratio of gradient norms',
    definition:
      '‖∇ nll‖ / (‖∇ generator loss‖ + 1e-4) at the kernel of the decoder’s last layer, nll = reconstruction + perceptual loss without commitment, clamped to [0, losses.adversarial.clamp]; 1 where it is off (VQGAN).',
    better: 'none',
    group: 'adversarial',
  },
  'adversarial.weight': {
    label: 'Weight of the generator loss',
    unit: 'λ × weight',
    definition:
      'What the generator’s loss is multiplied by: λ × losses.adversarial.weight × (1 − fade · r), r = min(1, step / steps); under the release rule the codebook’s r, min(1, step / (steps × (1 − tail))).',
    better: 'none',
    group: 'adversarial',
  },
  'logits.real': {
    label: 'Logits of real pictures',
    unit: 'mean logit',
    definition: 'Mean over patches of the discriminator’s logits of the training batch; above 0: taken for real.',
    better: 'none',
    group: 'adversarial',
  },
  'logits.fake': {
    label: 'Logits of painted pictures',
    unit: 'mean logit',
    definition: 'Mean over patches of the discriminator’s logits of the reconstructions; above 0: taken for real.',
    better: 'none',
    group: 'adversarial',
  },
  'gradient.norm': {
    label: 'Gradient norm',
    unit: 'L2',
    definition: 'Global L2 norm of the tokenizer’s gradients before clipping.',
    better: 'none',
    group: 'reconstruction',
  },
  'feature.norm': {
    label: 'Feature norm',
    unit: 'L2',
    definition: 'Mean L2 norm of the vectors that are quantized, over layers.',
    better: 'none',
    group: 'codebook',
  },
  'heldout.mse': {
    label: 'Held-out MSE',
    unit: 'pixels in [−1, 1]',
    definition: 'Mean squared error of reconstructions of held-out pictures (concepts never trained on).',
    better: 'lower',
    group: 'reconstruction',
  },
  'heldout.l1': {
    label: 'Held-out L1',
    unit: 'pixels in [−1, 1]',
    definition: 'Mean absolute error of reconstructions of held-out pictures, clipped to [−1, 1].',
    better: 'lower',
    group: 'reconstruction',
  },
  'heldout.ssim': {
    label: 'Held-out SSIM',
    unit: '1: identical',
    definition:
      'Mean over held-out pictures of SSIM (Wang et al. 2004) as scikit-image computes it: Gaussian window of 11 × 11, σ 1.5, population moments, K₁ 0.01, K₂ 0.03, data range 2, mean over channels and windows inside the picture.',
    better: 'higher',
    group: 'reconstruction',
  },
  'heldout.mobileNetV2Distance': {
    label: 'MobileNetV2 feature distance',
    unit: '0 to 2',
    definition:
      'Mean over held-out pictures of the distance by features of the packaged MobileNetV2 (block_1, 3, 6 and 13 expand_relu, unit length over channels, squared differences summed over channels and averaged over positions and layers; below 64 px pictures are enlarged by repeating pixels). It has no learned weights and is not LPIPS.',
    better: 'lower',
    group: 'reconstruction',
  },
  'heldout.lpips': {
    label: 'LPIPS (VGG16)',
    unit: 'LPIPS 0.1',
    definition:
      'Mean over held-out pictures of LPIPS 0.1 with VGG16 (Zhang et al. 2018), with the weights of losses.perceptual.path, pictures at their own size.',
    better: 'lower',
    group: 'reconstruction',
  },
  'heldout.fdMobileNetV2': {
    label: 'FD-MobileNetV2',
    unit: 'Fréchet distance',
    definition:
      'Fréchet distance between held-out pictures and their reconstructions by block_13_expand_relu of the packaged MobileNetV2 (576 channels, averaged over positions; pictures resized to 224 px, bilinear with antialiasing), covariances with divisor n − 1. Not FID: comparable only with itself, at the same number of pictures; with fewer pictures than 576 it is biased upwards. Of 20 pictures or more; measured with the first and the last sample, and in runs of 4,000 steps or more with that of each quarter.',
    better: 'lower',
    group: 'reconstruction',
  },
  'heldout.fdMobileNetV2.bias': {
    label: 'FD-MobileNetV2: bias',
    unit: 'Fréchet distance',
    definition:
      'Estimate of how much the number of pictures alone raises FD-MobileNetV2, by leaving out a tenth of them in turn (jackknife); at the last step.',
    better: 'none',
    about: 'heldout.fdMobileNetV2',
    group: 'reconstruction',
  },
  'heldout.fdMobileNetV2.low': {
    label: 'FD-MobileNetV2: lower end',
    unit: 'Fréchet distance',
    definition:
      'Lower end of the 95 % interval of FD-MobileNetV2 without its bias (jackknife over tenths); at the last step.',
    better: 'none',
    about: 'heldout.fdMobileNetV2',
    group: 'reconstruction',
  },
  'heldout.fdMobileNetV2.high': {
    label: 'FD-MobileNetV2: upper end',
    unit: 'Fréchet distance',
    definition:
      'Upper end of the 95 % interval of FD-MobileNetV2 without its bias (jackknife over tenths); at the last step.',
    better: 'none',
    about: 'heldout.fdMobileNetV2',
    group: 'reconstruction',
  },
  'heldout.psnr': {
    label: 'Held-out PSNR',
    unit: 'dB',
    definition: 'Mean over held-out pictures of 10·log10(4 / MSE), pixels in [−1, 1].',
    better: 'higher',
    group: 'reconstruction',
  },
  'language.loss': {
    label: 'Language loss',
    unit: 'nats per answer token',
    definition: 'Cross-entropy over the answer tokens of the training batch.',
    better: 'lower',
    group: 'language',
  },
  'language.perplexity': {
    label: 'Held-out text perplexity',
    unit: 'exp(nats)',
    definition: 'exp of the mean cross-entropy over answer tokens of held-out texts.',
    better: 'lower',
    group: 'language',
  },
  'codebook.restarts': {
    label: 'Restarts',
    unit: 'codes per step',
    definition: 'Codes replaced by vectors of the batch because their running count fell below restart × tokens / K.',
    better: 'none',
    group: 'codebook',
  },
  'codebook.dead': {
    label: 'Dead codes',
    unit: 'share of K',
    definition:
      'Codes that no layer used in the last 5·K/T training steps, with T tokens a step / K. At uniform use e^−5 (0.7 %) of them would be so by chance. Not said before that many steps.',
    better: 'lower',
    group: 'codebook',
  },
  'codebook.ramp': {
    label: 'Ramp',
    unit: 'share of the LLM row',
    definition:
      'r of the release rule: the share of its language-model row in every code, min(1, step / (steps × (1 − tail))).',
    better: 'none',
    group: 'codebook',
  },
  'codebook.norm': {
    label: 'Code norm',
    unit: 'L2',
    definition: 'Mean L2 norm of the codes.',
    better: 'none',
    group: 'codebook',
  },
  'drift.cosine': {
    label: 'Drift: cosine',
    unit: 'cosine',
    definition: 'Mean over codes of the cosine between a visual code and its LLM row. 1: unified; 0: in name only.',
    better: 'higher',
    group: 'drift',
  },
  'drift.distance': {
    label: 'Drift: distance',
    unit: '|c − l| / |l|',
    definition: 'Mean over codes of the distance between a visual code and its LLM row, relative to the row’s norm.',
    better: 'lower',
    group: 'drift',
  },
  'drift.used.cosine': {
    label: 'Drift of used codes: cosine',
    unit: 'cosine',
    definition: 'As drift cosine, over the codes hit at least once by the held-out pictures at that step.',
    better: 'higher',
    group: 'drift',
  },
  'speed.images': {
    label: 'Speed',
    unit: 'images/s',
    definition: 'Training pictures per second of the last tokenizer step.',
    better: 'higher',
    group: 'speed',
  },
  'data.wait': {
    label: 'Data wait',
    unit: 's per step',
    definition:
      'Time that the last tokenizer step stood still until its pictures were decoded. They are prepared on other threads while the step before computes.',
    better: 'lower',
    group: 'speed',
  },
  'memory.resident': {
    label: 'Memory',
    unit: 'MB',
    definition: 'Resident set of the training process.',
    better: 'lower',
    group: 'speed',
  },
}

/** Of one code, as samples record it. */
const ofCode: Record<string, MetricDefinition> = {
  'code.window': {
    label: 'Training hits',
    unit: 'hits in the window',
    definition: 'How often the code was chosen in the layer over the training batches since the sample before.',
    better: 'none',
    group: 'codebook',
  },
  'code.heldOut': {
    label: 'Held-out hits',
    unit: 'hits',
    definition: 'How often the code was chosen in the layer over the evaluated held-out pictures at that step.',
    better: 'none',
    group: 'codebook',
  },
  'code.norm': { label: 'Norm', unit: 'L2', definition: 'L2 norm of the code.', better: 'none', group: 'codebook' },
  'code.cosine': {
    label: 'Cosine to its LLM row',
    unit: 'cosine',
    definition: 'Cosine between the visual code and the LLM’s embedding of the same token.',
    better: 'higher',
    group: 'drift',
  },
  'code.distance': {
    label: 'Distance to its LLM row',
    unit: '|c − l| / |l|',
    definition: 'Distance between the visual code and its LLM row, relative to the row’s norm.',
    better: 'lower',
    group: 'drift',
  },
  'code.rank': {
    label: 'Rank of its LLM row',
    unit: '0: nearest',
    definition: 'Place of the code’s own LLM row among all rows by distance from the code. 0: no other row is nearer.',
    better: 'lower',
    group: 'drift',
  },
}

const perLayer: Record<string, (layer: number) => MetricDefinition> = {
  'usage.anyHit': (layer) => ({
    label: `Usage, layer ${layer}`,
    unit: 'share of K',
    definition: `Codes hit at least once in layer ${layer} over the evaluated held-out pictures / K (HQ-VAE, SEED-Voken definition).`,
    better: 'higher',
    group: 'codebook',
  }),
  'usage.codes': (layer) => ({
    label: `Codes used, layer ${layer}`,
    unit: 'codes',
    definition: `Number of different codes hit in layer ${layer} over the evaluated held-out pictures.`,
    better: 'higher',
    group: 'codebook',
  }),
  'perplexity.set': (layer) => ({
    label: `Code perplexity, layer ${layer}`,
    unit: 'exp(entropy)',
    definition: `exp of the entropy of code frequencies in layer ${layer} over the evaluated held-out pictures.`,
    better: 'higher',
    group: 'codebook',
  }),
  'entropy.epoch': (layer) => ({
    label: `Epoch code entropy, layer ${layer}`,
    unit: 'nats',
    definition: `−Σ p log p of the code frequencies in layer ${layer} over the training batches of an epoch, at its end (RQ-VAE definition, per depth); at the last step, of the epoch as far as it went. Batches belong to the epoch that they end in.`,
    better: 'higher',
    group: 'codebook',
  }),
  'usage.queue': (layer) => ({
    label: `Queue usage, layer ${layer}`,
    unit: 'share of K',
    definition: `Different codes among the last 65,536 codes of training in layer ${layer} / K (LlamaGen definition). The queue starts full of code 0, which counts as used until that many have passed.`,
    better: 'higher',
    group: 'codebook',
  }),
  'usage.emaHits': (layer) => ({
    label: `Running-hit usage, layer ${layer}`,
    unit: 'share of K',
    definition: `Codes whose running hits per batch in layer ${layer} reach 0.08 × the finest layer’s tokens per batch / K (VAR definition, whose margin is the finest scale’s in every layer, so that coarse layers look underused).`,
    better: 'higher',
    group: 'codebook',
  }),
  'usage.share': (layer) => ({
    label: `Batch share usage, layer ${layer}`,
    unit: 'share of K',
    definition: `Codes with a frequency above 0.01 / K in the last training batch in layer ${layer} / K (UniTok definition). With fewer than 100 K tokens in a batch one hit is enough.`,
    better: 'higher',
    group: 'codebook',
  }),
  'perplexity.batch': (layer) => ({
    label: `Batch code perplexity, layer ${layer}`,
    unit: 'exp(entropy)',
    definition: `exp(−Σ p log(p + 1e-10)) of the code frequencies of one training batch in layer ${layer} (taming-transformers definition).`,
    better: 'higher',
    group: 'codebook',
  }),
}

/** The definition of a metric by name; `usage.anyHit.1` is layer 1. */
export function metricDefinition(name: string): MetricDefinition | undefined {
  const known = fixed[name] ?? ofCode[name] ?? multimodalMetric(name) ?? priorMetric(name)
  if (known) return known
  const at = name.lastIndexOf('.')
  const layer = Number(name.slice(at + 1))
  return Number.isInteger(layer) && layer >= 0 ? perLayer[name.slice(0, at)]?.(layer) : undefined
}

/**
 * Metrics of the result table of an ablation, in order.
 * @param layers of the deepest tokenizer
 * @param later tasks that a second stage learned, and whether there is a prior; neither without them
 */
export const resultMetrics = (
  layers: number,
  { tasks = [], prior = false }: { tasks?: readonly TaskName[]; prior?: boolean } = {},
): string[] => [
  ...taskResults(tasks),
  ...(prior ? ['prior.loss.heldOut'] : []),
  'heldout.mse',
  'heldout.l1',
  'heldout.psnr',
  'heldout.ssim',
  'heldout.mobileNetV2Distance',
  'heldout.fdMobileNetV2',
  'language.perplexity',
  ...Array.from({ length: layers }, (_, layer) => `usage.codes.${layer}`),
  ...Array.from({ length: layers }, (_, layer) => `perplexity.set.${layer}`),
  'drift.cosine',
  'drift.used.cosine',
  'drift.distance',
]
