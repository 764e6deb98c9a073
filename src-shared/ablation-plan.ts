import type { ExperimentConfig } from './config.ts'
import { configPaths, configValue, withSetting } from './config-paths.ts'
import { ConfigError, type ConfigProblem } from './config-problems.ts'
import type { Factor } from './contract/ablations.ts'
import { parseConfig } from './parse-config.ts'

/** What a person plans: a baseline, the settings to vary, the seeds of each arm. */
export interface AblationPlan {
  name: string
  baseline: unknown
  factors: readonly Factor[]
  seeds: readonly number[]
}

/** One combination of the factors' values. */
export interface Arm {
  /** In the words of the field: "iterative", "λ 0.9 · interval 20". */
  label: string
  /** Path → value, as the plan gives them. */
  settings: Record<string, unknown>
  isBaseline: boolean
  /** One config per seed, in the order of the seeds. */
  configs: ExperimentConfig[]
}

export const MOST_RUNS = 1000

/** Settings whose name in a label is shorter than their key; others are called by their key. */
const words: Record<string, string> = {
  'codebook.syncLambda': 'λ',
  'codebook.emaLambda': 'EMA λ',
  'optimizer.learningRate': 'learning rate',
  'language.optimizer.learningRate': 'language learning rate',
  'data.resolution': 'px',
}

/**
 * Expands factors × seeds into run configs. The last factor varies fastest; the baseline's arm comes first if it is
 * among them. A factor whose value is an object changes those settings of the group that its path names.
 * @throws ConfigError naming every problem of the plan, or of the first config that cannot be
 */
export function expandPlan(plan: AblationPlan): { baseline: ExperimentConfig; arms: Arm[] } {
  const baseline = parseConfig(plan.baseline)
  const problems = planProblems(plan, baseline)
  if (problems.length > 0) throw new ConfigError(problems)
  const arms = combinations(plan.factors).map((values): Arm => {
    const settings = Object.fromEntries(plan.factors.map(({ path }, index) => [path, values[index]]))
    const label = plan.factors.map((factor, index) => valueLabel(factor, values[index])).join(' · ') || 'baseline'
    const changed = Object.entries(settings).reduce(
      (config, [path, value]) => applySetting(config, path, value),
      baseline,
    )
    const configs = plan.seeds.map((seed) =>
      parseConfig({ ...changed, seed, name: `${label} · seed ${seed} · ${plan.name}`.slice(0, 120) }),
    )
    return { label, settings, isBaseline: same(changed, baseline), configs }
  })
  return { baseline, arms: [...arms.filter((arm) => arm.isBaseline), ...arms.filter((arm) => !arm.isBaseline)] }
}

/** Everything about a plan that can be wrong before its configs are looked at. */
function planProblems({ factors, seeds }: AblationPlan, baseline: ExperimentConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const paths = new Set<string>()
  for (const { path, values } of factors) {
    if (path === 'seed' || path === 'name')
      problems.push({
        path,
        value: values,
        message: `"${path}" is not a factor: every arm runs with each of the plan's seeds`,
      })
    if (paths.has(path)) problems.push({ path, value: values, message: `the factor "${path}" is listed twice` })
    paths.add(path)
    const written = values.map((value) => JSON.stringify(value))
    const twice = written.find((value, index) => written.indexOf(value) !== index)
    if (twice !== undefined) problems.push({ path, value: values, message: `the value ${twice} is listed twice` })
  }
  const overlap = [...paths].find((path) => [...paths].some((other) => other.startsWith(`${path}.`)))
  if (overlap !== undefined)
    problems.push({ path: overlap, value: overlap, message: `the factor "${overlap}" holds another factor's setting` })
  const seedTwice = seeds.find((seed, index) => seeds.indexOf(seed) !== index)
  if (seedTwice !== undefined)
    problems.push({ path: 'seeds', value: seedTwice, message: `the seed ${seedTwice} is listed twice` })
  const count = factors.reduce((product, { values }) => product * values.length, seeds.length)
  if (count > MOST_RUNS)
    problems.push({
      path: 'factors',
      value: count,
      message: `${count} runs are more than the ${MOST_RUNS} of one ablation`,
    })
  // withSetting names the nearest path where there is none.
  for (const { path, values } of factors) {
    try {
      withSetting(baseline, path, values[0])
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems)
    }
  }
  return problems
}

const combinations = (factors: readonly Factor[]): unknown[][] =>
  factors.reduce<unknown[][]>((rows, { values }) => rows.flatMap((row) => values.map((value) => [...row, value])), [[]])

function applySetting(config: ExperimentConfig, path: string, value: unknown): ExperimentConfig {
  const current = configValue(config, path)
  // A picture source is one of several kinds with keys of their own: it is exchanged whole.
  const merged = isObject(current) && isObject(value) && path !== 'data.source' ? { ...current, ...value } : value
  return withSetting(config, path, merged)
}

/** A factor's value in words; of an object, those settings that differ among the factor's values. */
function valueLabel(factor: Factor, value: unknown): string {
  if (!isObject(value)) return leafLabel(factor.path, value)
  const others = factor.values.filter(isObject)
  const telling = configPaths(value).filter(
    (path) => new Set(others.map((other) => JSON.stringify(configValue(other, path)))).size > 1,
  )
  const shown = telling.length > 0 ? telling : configPaths(value)
  return shown.map((path) => leafLabel(`${factor.path}.${path}`, configValue(value, path))).join(' · ')
}

function leafLabel(path: string, value: unknown): string {
  if (typeof value === 'string') return value
  const key = words[path] ?? path.slice(path.lastIndexOf('.') + 1)
  if (path === 'data.resolution') return `${value} ${key}`
  return `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** Whether two configs are equal whatever the order of their keys. */
const same = (a: ExperimentConfig, b: ExperimentConfig): boolean => differingPaths(a, b).length === 0

/** Dotted paths at which two configs differ. */
export function differingPaths(a: ExperimentConfig, b: ExperimentConfig): string[] {
  const paths = new Set([...configPaths(a), ...configPaths(b)])
  return [...paths].filter((path) => JSON.stringify(configValue(a, path)) !== JSON.stringify(configValue(b, path)))
}
