import { codebookRows } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { resultMetrics } from '../../src-shared/metrics.ts'
import { taskResults, tasksOf } from '../../src-shared/multimodal-metrics.ts'

/** The vocabulary of the made-up language model. */
export const VOCABULARY = 1917
export const codebookSize = (config: ExperimentConfig): number =>
  codebookRows(config, config.language.vocabulary || VOCABULARY)

const layersOf = (config: ExperimentConfig): number => config.tokenizer.layers

export const metricNames = (config: ExperimentConfig): string[] => [
  'loss.reconstruction',
  'loss.commitment',
  'gradient.norm',
  'feature.norm',
  'language.loss',
  'codebook.restarts',
  'codebook.norm',
  ...resultMetrics(layersOf(config)).filter(
    (name) => config.codebook.paradigm !== 'independent' || !/drift|language/.test(name),
  ),
  ...Array.from({ length: layersOf(config) }, (_, layer) => [
    `perplexity.batch.${layer}`,
    `usage.anyHit.${layer}`,
  ]).flat(),
  'speed.images',
  'memory.resident',
  ...(config.multimodal.steps > 0 ? ['multimodal.loss', ...taskResults(tasksOf([config]))] : []),
  ...(config.prior.steps > 0 ? ['prior.loss.heldOut'] : []),
]

/** A reproducible number in [0, 1) from any text. */
export function chance(text: string): number {
  let hash = 2166136261
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619)
  hash = Math.imul(hash ^ (hash >>> 15), 2246822519)
  hash = Math.imul(hash ^ (hash >>> 13), 3266489917)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

/** Value of a metric at a step: shaped like training, told apart by paradigm, tokenizer and seed. */
export function valueAt(config: ExperimentConfig, name: string, step: number): number {
  const { paradigm } = config.codebook
  const done = step / Math.min(config.training.steps, 800)
  const noise = (chance(`${name} ${step} ${config.seed} ${paradigm} ${config.tokenizer.kind}`) - 0.5) * 0.08
  const seed = 1 + (chance(`${name} ${config.seed} ${paradigm} ${config.tokenizer.kind}`) - 0.5) * 0.08
  const floor =
    { frozen: 0.062, dual: 0.031, iterative: 0.038, independent: 0.029 }[paradigm] *
    { vq: 1.25, rq: 0.95, hq: 1, vqvae2: 1.05, spae: 1.4 }[config.tokenizer.kind]
  const error = (floor + 0.4 * Math.exp(-done * 7)) * seed
  const used = { frozen: 64, dual: 410, iterative: 330, independent: 380 }[paradigm] * seed * (1 - Math.exp(-done * 6))
  const sinceSync =
    paradigm === 'iterative' && config.codebook.interval > 0
      ? (step % config.codebook.interval) / config.codebook.interval
      : 1
  const cosine = {
    frozen: 1,
    dual: 1 - 0.92 * (1 - Math.exp(-done * 5)),
    iterative: 0.94 - 0.1 * sinceSync,
    independent: 0,
  }[paradigm]
  const layer = Number(name.split('.').at(-1))
  switch (true) {
    case name === 'loss.reconstruction':
      return error * (1 + noise * 3)
    case name === 'heldout.mse':
      return error * 1.08
    case name === 'heldout.psnr':
      return 10 * Math.log10(4 / (error * 1.08))
    case name === 'loss.commitment':
      return (0.05 + 0.3 * Math.exp(-done * 4)) * seed * (1 + noise * 2)
    case name === 'language.loss':
      return (1.6 + 4 * Math.exp(-done * 6)) * seed * (1 + noise)
    case name === 'language.perplexity':
      return (5.4 + (paradigm === 'iterative' ? 0.2 : 0) + 40 * Math.exp(-done * 7)) * seed
    case name === 'multimodal.loss':
      return (0.9 + 3 * Math.exp(-done * 4)) * seed * (1 + noise)
    case /^task\..*\.(right|blind|majority|recognised)$/.test(name):
      return (
        (0.18 + 0.4 * chance(`${name} ${paradigm} ${config.multimodal.paradigm}`)) *
        seed *
        (paradigm === 'dual' ? 0.3 : 1)
      )
    case name.startsWith('usage.codes'):
      return Math.round(used * (layer === 0 ? 0.6 : 1))
    case name.startsWith('usage.anyHit'):
      return (used * (layer === 0 ? 0.6 : 1)) / codebookSize(config)
    case name.startsWith('perplexity.'):
      return Math.max(1, used * (layer === 0 ? 0.35 : 0.55)) * (name.includes('batch') ? 0.7 * (1 + noise) : 1)
    case name === 'drift.cosine' || name === 'drift.used.cosine':
      return cosine - (name === 'drift.used.cosine' && paradigm !== 'frozen' ? 0.03 : 0)
    case name === 'drift.distance':
      return Math.sqrt(Math.max(0, 2 - 2 * cosine)) * seed
    case name === 'codebook.restarts':
      return paradigm === 'frozen' ? 0 : Math.round(40 * Math.exp(-done * 9) + noise * 10 + 0.4)
    case name === 'gradient.norm':
      return (0.4 + 2 * Math.exp(-done * 8)) * (1 + noise * 5)
    case name === 'speed.images':
      return 52 * (1 + noise)
    case name === 'memory.resident':
      return 610 + done * 4
    default:
      return 3.2 * seed * (1 + noise)
  }
}
