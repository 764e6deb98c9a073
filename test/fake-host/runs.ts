import { readdirSync, readFileSync } from 'node:fs'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { withSetting } from '../../src-shared/config-paths.ts'
import type { Preset } from '../../src-shared/contract/presets.ts'
import type { RunSummary } from '../../src-shared/contract/runs.ts'
import type { RunState } from '../../src-shared/events.ts'
import { parseConfig } from '../../src-shared/parse-config.ts'
import { totalSteps } from '../../src-shared/total-steps.ts'
import { metricNames, valueAt } from './curves.ts'

/** Made-up runs in every state; those that run advance with the clock. */
export interface FakeRun {
  id: string
  name: string
  state: RunState
  reason: string
  config: ExperimentConfig
  ablationId: string | null
  armLabel: string | null
  parentId: string | null
  tags: string[]
  note: string
  createdAt: number
  /** Step at `since`; a running run is `stepsPerSecond` further each second from there. */
  step: number
  since: number
  stepsPerSecond: number
  colour: number
  attempts: number
}

export interface FakeAblation {
  id: string
  name: string
  createdAt: number
  factors: Preset['factors']
  seeds: number[]
  baseline: ExperimentConfig
}

const presetFolder = new URL('../../resources/presets/', import.meta.url)
export const presets = readdirSync(presetFolder).map(
  (file) => JSON.parse(readFileSync(new URL(file, presetFolder), 'utf8')) as Preset,
)
export const quickPreset = presets.find(({ id }) => id === 'quick') as Preset
/** Runs at once. */
export const host = { concurrency: 2 }

const start = Date.now()
const hours = (count: number) => start - count * 3_600_000
export const runs = new Map<string, FakeRun>()
export const ablations = new Map<string, FakeAblation>()

let made = 0
export function addRun(name: string, state: RunState, config: ExperimentConfig, more: Partial<FakeRun> = {}): FakeRun {
  const steps = totalSteps(config)
  const done = { queued: 0, running: 0.42, paused: 0.3, stopped: 0.55, finished: 1, failed: 0.18, interrupted: 0.63 }[
    state
  ]
  const run: FakeRun = {
    id: `${name.replaceAll(/[^\w]+/g, '-')}-${String(++made).padStart(4, '0')}`,
    name,
    state,
    reason: '',
    config,
    ablationId: null,
    armLabel: null,
    parentId: null,
    tags: [],
    note: '',
    createdAt: hours(made / 3),
    step: Math.round(done * steps),
    since: Date.now(),
    stepsPerSecond: 1.6,
    colour: made - 1,
    attempts: 1,
    ...more,
  }
  runs.set(run.id, run)
  return run
}

/** Every combination of the factors' values: [label, settings][]. */
export function arms(factors: Preset['factors']): [string, Record<string, unknown>][] {
  let all: [string, Record<string, unknown>][] = [['', {}]]
  for (const { path, values } of factors)
    all = all.flatMap(([label, settings]) =>
      values.map((value): [string, Record<string, unknown>] => [
        [label, typeof value === 'string' ? value : `${path.split('.').at(-1)} ${JSON.stringify(value)}`]
          .filter(Boolean)
          .join(', '),
        { ...settings, [path]: value },
      ]),
    )
  return all
}

export function addAblation(
  plan: Omit<FakeAblation, 'id' | 'createdAt'> & { createdAt?: number },
  stateOf: (index: number) => RunState,
): FakeAblation {
  const ablation: FakeAblation = { createdAt: Date.now(), ...plan, id: `ablation-${ablations.size + 1}` }
  ablations.set(ablation.id, ablation)
  let index = 0
  for (const [armLabel, settings] of arms(plan.factors))
    for (const seed of plan.seeds) {
      const varied = Object.entries({ ...settings, seed }).reduce(
        (c, [path, value]) => withSetting(c, path, value),
        plan.baseline,
      )
      const config =
        varied.tokenizer.kind === 'hq'
          ? varied
          : withSetting(varied, 'tokenizer.layers', varied.tokenizer.kind === 'vq' ? 1 : 4)
      const state = stateOf(index++)
      addRun(`${plan.name} ${armLabel} s${seed}`, state, config, {
        ablationId: ablation.id,
        armLabel,
        createdAt: ablation.createdAt,
        reason: state === 'failed' ? 'loss.reconstruction is not a number at step 72' : '',
      })
    }
  return ablation
}

export interface FindErrors {
  NOT_FOUND: (options: { message: string; data: { hint: string } }) => Error
}

/** The run of that id, up to the clock. @throws NOT_FOUND */
export function runOf(id: string, errors: FindErrors): FakeRun {
  const run = runs.get(id)
  if (!run)
    throw errors.NOT_FOUND({
      message: `there is no run "${id}"`,
      data: { hint: 'It may have been removed. Open Runs for those that are there.' },
    })
  advance(run)
  return run
}

/** Brings a run's step up to the clock. */
export function advance(run: FakeRun): void {
  if (run.state !== 'running') return
  const steps = totalSteps(run.config)
  const now = Date.now()
  const step = run.step + ((now - run.since) / 1000) * run.stepsPerSecond
  if (step >= steps) Object.assign(run, { state: 'finished', step: steps })
  else Object.assign(run, { step, since: now })
}

export function summary(run: FakeRun): RunSummary {
  advance(run)
  const steps = totalSteps(run.config)
  const { evaluateEvery } = run.config.training
  const step = Math.floor(run.step)
  const evaluated = step - (step % evaluateEvery)
  const running = run.state === 'running'
  const queue = [...runs.values()].filter((other) => other.state === 'queued')
  return {
    id: run.id,
    name: run.name,
    state: run.state,
    reason: run.reason,
    paradigm: run.config.codebook.paradigm,
    tokenizer: run.config.tokenizer.kind,
    seed: run.config.seed,
    ablationId: run.ablationId,
    armLabel: run.armLabel,
    parentId: run.parentId,
    tags: run.tags,
    note: run.note,
    createdAt: run.createdAt,
    startedAt: step > 0 ? run.createdAt + 20_000 : null,
    endedAt: running || run.state === 'queued' ? null : run.createdAt + 20_000 + (step / run.stepsPerSecond) * 1000,
    step,
    steps,
    queuePosition: run.state === 'queued' ? queue.indexOf(run) + 1 : null,
    secondsLeft: running ? (steps - step) / run.stepsPerSecond : null,
    imagesPerSecond: running ? run.stepsPerSecond * run.config.training.batchSize : null,
    latest:
      step === 0
        ? {}
        : Object.fromEntries(
            metricNames(run.config).map((name) => [
              name,
              valueAt(run.config, name, isHeldOut(name) ? evaluated : step),
            ]),
          ),
    colour: run.colour,
    alarms: run.state === 'failed' ? 2 : run.config.codebook.paradigm === 'frozen' ? 1 : 0,
  }
}

export const isHeldOut = (name: string): boolean =>
  !/^(loss|gradient|speed|memory|perplexity\.batch|codebook\.restarts)/.test(name)

const quick = parseConfig(quickPreset.baseline)
const quickStates: RunState[] = ['finished', 'finished', 'finished', 'running', 'running', 'queued']
addAblation(
  { name: 'quick', factors: quickPreset.factors, seeds: [0, 1], baseline: quick, createdAt: hours(0.1) },
  (index) => quickStates[index] ?? 'queued',
)
addAblation(
  {
    name: 'tokenizers',
    factors: [{ path: 'tokenizer.kind', values: ['vq', 'rq', 'hq'] }],
    seeds: [0, 1, 2],
    baseline: withSetting(withSetting(quick, 'codebook.paradigm', 'dual'), 'tokenizer.kind', 'hq'),
    createdAt: hours(26),
  },
  (index) => (index === 4 ? 'failed' : 'finished'),
)
const alone = (name: string, state: RunState, changes: Record<string, unknown>, more: Partial<FakeRun> = {}) =>
  addRun(
    name,
    state,
    Object.entries(changes).reduce((config, [path, value]) => withSetting(config, path, value), quick),
    more,
  )
alone(
  'long iterative, interval 5',
  'running',
  { 'codebook.interval': 5, 'training.steps': 4000 },
  { step: 2600, stepsPerSecond: 3.1, tags: ['paper', 'long'], note: 'Interval of the paper, ten times the steps.' },
)
alone('interval 50', 'paused', { 'codebook.interval': 50 }, { tags: ['interval'] })
alone(
  'interval 100',
  'stopped',
  { 'codebook.interval': 100 },
  { tags: ['interval'], reason: 'Stopped by hand at step 220.' },
)
alone(
  'no restart',
  'interrupted',
  { 'codebook.restart': 0 },
  { reason: 'The process was killed (signal 9) at step 252.', attempts: 2 },
)
alone('l1 loss', 'finished', { 'losses.reconstruction': 'l1' }, { tags: ['paper'] })
alone('independent 512', 'finished', { 'codebook.paradigm': 'independent', 'codebook.size': 512 })
alone(
  'learning rate 0.01',
  'failed',
  { 'optimizer.learningRate': 0.01 },
  { reason: 'loss.reconstruction is not a number at step 72.' },
)
alone('64 px', 'queued', { 'data.resolution': 64 })
alone('λ 0.99', 'queued', { 'codebook.emaLambda': 0.99, 'codebook.syncLambda': 0.99 })
alone(
  'SmolLM2, whole vocabulary',
  'finished',
  {
    'language.model': 'smollm2',
    'language.vocabulary': 49152,
    'language.width': 576,
    'language.heads': 9,
    'language.keyValueHeads': 3,
    'language.layers': 30,
    'codebook.interval': 100,
    'training.steps': 2000,
    'training.sampleEvery': 80,
  },
  { tags: ['smollm2'] },
)
alone('reads and paints', 'finished', { 'multimodal.steps': 1000, 'multimodal.checkpointEvery': 200 })
alone('only reads', 'finished', {
  'multimodal.steps': 1000,
  'multimodal.paradigm': 'visual-encoder',
  'multimodal.input': 'features',
})
alone('stage two to come', 'running', { 'multimodal.steps': 1000 }, { step: 40 })
alone('four depths', 'finished', { 'tokenizer.kind': 'rq', 'tokenizer.layers': 4, 'multimodal.steps': 1000 })
alone('paints by class', 'finished', { 'prior.steps': 800, 'prior.kind': 'hq', 'prior.classes': 'group' })
