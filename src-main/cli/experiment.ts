import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { type AblationPlan, type Arm, expandPlan } from '../../src-shared/ablation-plan.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { withSetting } from '../../src-shared/config-paths.ts'
import { ConfigError, describeIssues } from '../../src-shared/config-problems.ts'
import type { Factor } from '../../src-shared/contract/ablations.ts'
import type { Preset } from '../../src-shared/contract/presets.ts'
import { nearestName } from '../../src-shared/nearest-name.ts'
import { parseConfig } from '../../src-shared/parse-config.ts'
import { presetSchema } from '../services/presets.ts'
import { UsageError } from './errors.ts'

/** What the command line changes in an experiment before it is checked. */
export interface Overrides {
  /** "path=value" each. */
  set: readonly string[]
  /** At most so many steps a run. */
  maxSteps?: number | undefined
  seeds?: readonly number[] | undefined
}

/** A plan whose every run has been checked. */
export interface CheckedPlan extends AblationPlan {
  baseline: ExperimentConfig
  factors: Factor[]
  seeds: number[]
  arms: Arm[]
}

/**
 * The ablation that an argument names, with the command line's changes, checked down to every run.
 * @param argument id of a preset, or path of a JSON file: a plan with a baseline, factors and seeds, or a config alone
 * @throws UsageError if there is no such preset or file
 * @throws ConfigError naming what is wrong with it
 */
export function readPlan(argument: string, presets: readonly Preset[], overrides: Overrides): CheckedPlan {
  const document = readDocument(argument, presets)
  refuseHiddenChanges(document.factors, overrides)
  const baseline = changeConfig(document.baseline, overrides)
  const seeds = [...(overrides.seeds ?? document.seeds ?? [baseline.seed])]
  const plan = { name: document.name ?? baseline.name, baseline, factors: document.factors, seeds }
  return { ...plan, arms: expandPlan(plan).arms }
}

/**
 * The configs of single runs: the baseline of what an argument names, once for each seed asked for.
 * @throws as readPlan
 */
export function readConfigs(argument: string, presets: readonly Preset[], overrides: Overrides): ExperimentConfig[] {
  const baseline = changeConfig(readDocument(argument, presets).baseline, overrides)
  return (overrides.seeds ?? [baseline.seed]).map((seed) => ({ ...baseline, seed }))
}

/** A config with the command line's changes, seeds aside. @throws ConfigError naming what is wrong with it */
export function changeConfig(written: unknown, { set, maxSteps }: Overrides): ExperimentConfig {
  const changed = set.map(parseSetting).reduce<unknown>((config, { path, value }) => {
    // What is no object is left to parseConfig to refuse.
    return config !== null && typeof config === 'object' ? withSetting(config, path, value) : config
  }, written)
  const config = parseConfig(changed)
  return maxSteps === undefined ? config : boundSteps(config, maxSteps)
}

/** Changes given as "path=value"; a value that is not JSON is a string. @throws UsageError if there is no "=" */
export function parseSetting(text: string): { path: string; value: unknown } {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`--set ${text}: wanted path=value, such as --set codebook.interval=10`)
  const written = text.slice(at + 1)
  let value: unknown = written
  try {
    value = JSON.parse(written)
  } catch {
    // A bare word, as in --set codebook.paradigm=dual.
  }
  return { path: text.slice(0, at), value }
}

interface Document {
  name: string | undefined
  baseline: unknown
  factors: Factor[]
  seeds: number[] | undefined
}

/** A preset's file with what a plan of one's own may leave out, so that a copy of a preset is a plan. */
const planSchema = presetSchema.partial().extend({
  name: z.string().min(1).max(120).optional(),
  factors: presetSchema.shape.factors.default([]),
})

function readDocument(argument: string, presets: readonly Preset[]): Document {
  const preset = presets.find(({ id }) => id === argument)
  // Named as the window's button names it.
  if (preset) return { ...preset, name: preset.title }
  const json = readJson(argument, presets)
  const isPlan = json !== null && typeof json === 'object' && 'baseline' in json
  if (!isPlan) return { name: undefined, baseline: json, factors: [], seeds: undefined }
  const parsed = planSchema.safeParse(json)
  if (!parsed.success) throw new ConfigError(describeIssues(parsed.error.issues, json, planSchema))
  const { id, name = id, baseline, factors, seeds } = parsed.data
  return { name, baseline, factors, seeds }
}

function readJson(argument: string, presets: readonly Preset[]): unknown {
  if (!existsSync(argument)) {
    const ids = presets.map(({ id }) => id)
    const near = nearestName(argument, ids)
    throw new UsageError(
      `there is no preset and no file "${argument}"${near ? `; did you mean "${near}"?` : ''} Presets: ${ids.join(', ')}`,
    )
  }
  let text: string
  try {
    text = readFileSync(argument, 'utf8')
  } catch (cause) {
    throw new UsageError(`${argument} cannot be read: ${(cause as Error).message}`, { cause })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new UsageError(`${argument} is not JSON: ${(cause as Error).message}`, { cause })
  }
}

/** At most so many steps, with at least one evaluation, sample and checkpoint among them. */
function boundSteps(config: ExperimentConfig, maxSteps: number): ExperimentConfig {
  const { training } = config
  const steps = Math.min(training.steps, maxSteps)
  return {
    ...config,
    training: {
      ...training,
      steps,
      evaluateEvery: Math.min(training.evaluateEvery, steps),
      sampleEvery: Math.min(training.sampleEvery, steps),
      checkpointEvery: Math.min(training.checkpointEvery, steps),
    },
  }
}

/** A change of a setting that the plan varies would be undone by every arm without a word. */
function refuseHiddenChanges(factors: readonly Factor[], { set, maxSteps }: Overrides): void {
  const paths = [...set.map((text) => parseSetting(text).path), ...(maxSteps === undefined ? [] : ['training.steps'])]
  for (const path of paths) {
    const factor = factors.find(
      (factor) => `${path}.`.startsWith(`${factor.path}.`) || factor.path.startsWith(`${path}.`),
    )
    if (factor && varies(factor, path))
      throw new UsageError(
        `${path} is varied by the plan (${factor.path}: ${factor.values.map((value) => JSON.stringify(value)).join(', ')}), so it cannot be set for all arms; use "train" for one setting, or a plan of your own`,
      )
  }
}

/** Whether a factor decides a path: itself, a group around it, or one of the settings its objects hold. */
function varies(factor: Factor, path: string): boolean {
  if (!path.startsWith(`${factor.path}.`)) return true
  const inside = path.slice(factor.path.length + 1).split('.')[0] as string
  return factor.values.some((value) => value !== null && typeof value === 'object' && inside in value)
}
