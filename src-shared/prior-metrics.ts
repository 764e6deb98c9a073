import type { MetricDefinition } from './metric-definition.ts'

const fixed: Record<string, MetricDefinition> = {
  'prior.loss': {
    label: 'Loss of the prior',
    unit: 'nats per code',
    definition:
      'Mean −log p of the codes of a training batch given the codes before them in the prior’s order, over all layers, before the update of the step; classes are dropped at prior.classDropout.',
    better: 'lower',
    group: 'prior',
  },
  'prior.loss.heldOut': {
    label: 'Held-out loss of the prior',
    unit: 'nats per code',
    definition:
      'Mean −log p of the codes of the evaluated held-out pictures given the codes before them in the prior’s order, over all layers, each picture with its class if training has it.',
    better: 'lower',
    group: 'prior',
  },
  'prior.gradientNorm': {
    label: 'Gradient norm of the prior',
    unit: 'L2',
    definition: 'Global L2 norm of the prior’s gradients before clipping.',
    better: 'none',
    group: 'prior',
  },
  'speed.prior': {
    label: 'Speed of the prior',
    unit: 'pictures/s',
    definition: 'Training pictures per second of the prior’s last step.',
    better: 'higher',
    group: 'speed',
  },
}

const heldOutOfLayer = (layer: string): MetricDefinition => ({
  label: `Held-out loss of the prior, layer ${layer}`,
  unit: 'nats per code',
  definition: `Mean −log p of the codes of layer ${layer} of the evaluated held-out pictures given the codes before them in the prior’s order. exp of it is to be held against the layer’s code perplexity.`,
  better: 'lower',
  group: 'prior',
})

/** The definition of a metric of a prior; `prior.loss.heldOut.1` is layer 1. */
export function priorMetric(name: string): MetricDefinition | undefined {
  const layer = /^prior\.loss\.heldOut\.(\d+)$/.exec(name)?.[1]
  return layer === undefined ? fixed[name] : heldOutOfLayer(layer)
}
