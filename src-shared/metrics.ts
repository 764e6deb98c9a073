/** Every number a run records, with the definition that is shown where the number is shown. */
export interface MetricDefinition {
  label: string
  unit: string
  definition: string
  better: 'lower' | 'higher' | 'none'
  group: 'reconstruction' | 'language' | 'codebook' | 'drift' | 'speed'
}

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
  if (name in fixed) return fixed[name]
  const at = name.lastIndexOf('.')
  const layer = Number(name.slice(at + 1))
  return Number.isInteger(layer) && layer >= 0 ? perLayer[name.slice(0, at)]?.(layer) : undefined
}

/** Metrics of the result table of an ablation, in order, with L layers. */
export const resultMetrics = (layers: number): string[] => [
  'heldout.mse',
  'heldout.psnr',
  'language.perplexity',
  ...Array.from({ length: layers }, (_, layer) => `usage.codes.${layer}`),
  ...Array.from({ length: layers }, (_, layer) => `perplexity.set.${layer}`),
  'drift.cosine',
  'drift.used.cosine',
  'drift.distance',
]
