import { describe, expect, it } from 'vitest'
import { codebookRows, codeWidth } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { withSetting } from '../../../src-shared/config-paths.ts'
import { parseConfig } from '../../../src-shared/parse-config.ts'
import { branch, prefixed } from '../../engine/parameters.ts'
import { operationsOf } from '../../engine/testing/operations.ts'
import { type Spec, trace } from '../../engine/trace.ts'
import { readPresets } from '../../services/presets.ts'
import { createTokenizer } from '../../tokenizers/tokenizer.ts'
import {
  DISCRIMINATOR_INPUTS,
  discriminatorParameters,
  discriminatorStatistics,
} from '../stage-one/discriminator-step.ts'
import { CODES, COUNTS, learnedVisual, SUMS } from '../stage-one/state.ts'
import { tokenizerStep } from '../stage-one/tokenizer-step.ts'
import { workOf } from './work.ts'

const VOCABULARY = 300

/** Operations of a tokenizer step as the engine traces it. */
function traced(config: ExperimentConfig, adversarial: boolean): number {
  const visual = prefixed(createTokenizer(config).specs, 'tokenizer')
  const learned = { ...visual, ...discriminatorParameters(config) }
  const moments = Object.fromEntries(
    Object.entries(learned).flatMap(([name, spec]) => [
      [`adam.m.${name}`, spec],
      [`adam.v.${name}`, spec],
    ]),
  )
  const rows = codebookRows(config, VOCABULARY)
  const scalars = ['learningRate', 'correction1', 'correction2', 'useFeatures'].map((name): [string, Spec] => [
    name,
    { shape: [] },
  ])
  const specs: Record<string, Spec> = {
    images: { shape: [config.training.batchSize, config.data.resolution, config.data.resolution, 3] },
    ...Object.fromEntries(scalars),
    ...DISCRIMINATOR_INPUTS,
    ...learned,
    ...discriminatorStatistics(config),
    ...moments,
    [CODES]: { shape: [rows, codeWidth(config)] },
    [COUNTS]: { shape: [rows] },
    [SUMS]: { shape: [rows, codeWidth(config)] },
  }
  const graph = trace(
    (tensors) =>
      tokenizerStep(config, learnedVisual(config, prefixed(branch(tensors, 'tokenizer'), 'tokenizer')), tensors, {
        adversarial,
        perceptual: null,
      }),
    specs,
  )
  return operationsOf(graph)
}

function quickWith(settings: Record<string, unknown>): ExperimentConfig {
  const baseline = readPresets().find(({ id }) => id === 'quick')?.baseline
  if (!baseline) throw new Error('no preset "quick"')
  const changed = Object.entries({ 'training.batchSize': 2, 'language.width': 64, ...settings }).reduce(
    (config, [path, value]) => withSetting(config, path, value),
    baseline as object,
  )
  return parseConfig(changed)
}

const apart = { 'codebook.paradigm': 'independent', 'codebook.size': 90, 'codebook.shared': false }
const vit = (form: string, trains: boolean) => ({
  'tokenizer.encoder': 'vit',
  'tokenizer.vit.patch': 4,
  'tokenizer.vit.form': form,
  'tokenizer.vit.weights': trains ? '' : 'model.safetensors',
  'tokenizer.vit.trains': trains,
})

describe('the arithmetic of a tokenizer step', () => {
  it.each([
    ['vq', { 'tokenizer.kind': 'vq', 'tokenizer.layers': 1 }],
    ['rq', { 'tokenizer.kind': 'rq', 'tokenizer.layers': 3 }],
    ['hq by pixel shuffle', {}],
    ['hq of three levels by strided convolution', { 'tokenizer.layers': 3, 'tokenizer.resampling': 'strided' }],
    ['vqvae2', { 'tokenizer.kind': 'vqvae2', 'tokenizer.layers': 3 }],
    ['spae', { 'tokenizer.kind': 'spae', 'tokenizer.layers': 4 }],
    ['a codebook for each layer', { ...apart, 'tokenizer.kind': 'rq', 'tokenizer.layers': 3 }],
    ['a vision transformer that learns', vit('vit', true)],
    ['a plain one that is wider than deep', { ...vit('plain', true), 'tokenizer.vit.layers': 1 }],
    ['one that stays as it is', { ...vit('clip', false), 'tokenizer.vit.layers': 4 }],
  ])('is estimated for %s as the engine traces it, to 4 %%', (_, settings) => {
    const config = quickWith({ 'codebook.paradigm': 'iterative', ...settings })
    const estimated = workOf(config, VOCABULARY)
      .filter(({ part }) => part !== 'language model')
      .reduce((sum, { operations }) => sum + operations, 0)
    expect(Math.abs(estimated / traced(config, false) - 1)).toBeLessThan(0.04)
  })

  it('is estimated with a discriminator as the engine traces it, to 4 %', () => {
    const baseline = quickWith({})
    const adversarial = { ...baseline.losses.adversarial, weight: 0.5, channels: 16, layers: 2 }
    const config = { ...baseline, losses: { ...baseline.losses, adversarial } }
    const estimated = workOf(config, VOCABULARY)
      .filter(({ part }) => part !== 'language model')
      .reduce((sum, { operations }) => sum + operations, 0)
    expect(Math.abs(estimated / traced(config, true) - 1)).toBeLessThan(0.04)
  })
})
