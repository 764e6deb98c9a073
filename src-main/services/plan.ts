import { totalmem } from 'node:os'
import { type Arm, expandPlan } from '../../src-shared/ablation-plan.ts'
import { codebookRows, codeWidth, tokensPerPicture } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { ConfigError } from '../../src-shared/config-problems.ts'
import type { Machine, Missing, PreFlight } from '../../src-shared/contract/plan.ts'
import type { Preset, PresetOutlook } from '../../src-shared/contract/presets.ts'
import { DataError } from '../data/source.ts'
import { threadsOf } from '../jobs/scheduler.ts'
import { learnWords } from '../language/word-tokenizer.ts'
import { totalOf } from '../training/estimate/memory.ts'
import { estimateRun, type RunEstimate } from '../training/estimate.ts'
import type { AblationInput } from './ablations.ts'
import { codebookAdvice } from './codebook-advice.ts'
import type { Context } from './context.ts'
import { elsewhereOf, memoryParts, type Planned } from './elsewhere.ts'
import { missingOf } from './missing.ts'
import type { Pace, StepSeconds } from './pace.ts'
import type { PictureFacts, PictureLibrary } from './picture-library.ts'
import { type PlanFacts, planWarnings } from './plan-warnings.ts'

export interface PreFlightInput extends AblationInput {
  machine: Machine | null
  pictures: number | null
}

export interface PreFlightResult {
  problems: { path: string; message: string }[]
  preflight: PreFlight | null
  runs: number
}

/** What the data tells, or as much of it as is known without the data. */
interface Known {
  training: number | null
  heldOut: number | null
  texts: PictureFacts['texts']['training'] | null
}

/** Says what a plan will take before anything is written. Problems come back as values, all at once. */
export function createPlanService({ scheduler, cores, home }: Context, library: PictureLibrary, pace: Pace) {
  const preflight = async (plan: PreFlightInput): Promise<PreFlightResult> => {
    try {
      const { baseline, arms } = expandPlan(plan)
      const missing = missingOf(baseline, home.directory)
      const known = await factsOf(baseline, plan.pictures, missing)
      const runs = arms.length * plan.seeds.length
      return { problems: [], preflight: estimate(baseline, arms, plan, known, missing), runs }
    } catch (error) {
      if (error instanceof ConfigError)
        return { problems: error.problems.map(({ path, message }) => ({ path, message })), preflight: null, runs: 0 }
      throw error
    }
  }

  /** @param missing is told of data that is there and cannot be read */
  async function factsOf({ data }: ExperimentConfig, stated: number | null, missing: Missing[]): Promise<Known> {
    const counted = (pictures: number) => {
      const used = data.limit > 0 ? Math.min(data.limit, pictures) : pictures
      const heldOut = Math.round(used * data.heldOut)
      return { training: used - heldOut, heldOut, texts: null }
    }
    const unknown = stated === null ? { training: null, heldOut: null, texts: null } : counted(stated)
    if (missing.some(({ what }) => what === 'pictures')) return unknown
    try {
      const { training, heldOut, texts } = await library.facts(data)
      return { training, heldOut, texts: texts.training }
    } catch (error) {
      if (!(error instanceof DataError)) throw error
      missing.push({
        path: 'data.source',
        what: 'pictures',
        message: `${error.message}.`,
        remedy: 'The number of pictures is not known; change data.source.',
      })
      return unknown
    }
  }

  function estimate(
    baseline: ExperimentConfig,
    arms: readonly Arm[],
    { seeds, machine }: PreFlightInput,
    known: Known,
    missing: Missing[],
  ): PreFlight {
    const own = plannedRun(baseline, known.texts)
    const others = arms.flatMap(({ configs }) => configs[0] ?? []).map((config) => plannedRun(config, known.texts))
    const concurrency = Math.min(scheduler.concurrency(), arms.length * seeds.length)
    const warnings = others.flatMap((planned) => planWarnings(planned.config, factsFor(planned, known, concurrency)))
    const { training } = baseline
    const tokens = tokensPerPicture(baseline)
    const bound = baseline.codebook.paradigm !== 'independent' && baseline.codebook.rows === 'all'
    const stepsPerEpoch = known.training === null ? null : known.training / training.batchSize
    return {
      parameters: own.estimate.parts.map(({ part, count }) => ({
        part,
        count: own.known || (part !== 'language model' && !(part === 'codebook' && bound)) ? count : null,
      })),
      codebookSize: own.known || !bound ? codebookRows(baseline, own.vocabulary) : null,
      codeWidth: codeWidth(baseline),
      tokensPerPicture: tokens,
      tokensPerStep: tokens * training.batchSize,
      tokensOfTraining: tokens * training.batchSize * training.steps,
      trainingPictures: known.training,
      heldOutPictures: known.heldOut,
      stepsPerEpoch,
      epochs: stepsPerEpoch === null ? null : training.steps / stepsPerEpoch,
      vocabulary: own.known ? own.vocabulary : null,
      memoryBytes: Math.max(own.estimate.memoryBytes, ...others.map((other) => other.estimate.memoryBytes)),
      memory: memoryParts(own.estimate.memory),
      work: own.estimate.work.map(({ part, operations }) => ({ part, gflop: operations / 1e9 })),
      secondStage: secondStageOf(own.estimate),
      secondsPerStep: own.secondsPerStep,
      minutesPerRun: own.minutes,
      minutes: minutesOfAll(
        others.map(({ minutes }) => minutes),
        seeds.length,
        concurrency,
      ),
      elsewhere: machine && elsewhereOf(machine, own, others, seeds.length),
      missing,
      warnings: distinct(warnings),
      advice: own.known || !bound ? codebookAdvice(baseline, codebookRows(baseline, own.vocabulary)) : [],
    }
  }

  /** A run of a config. Without the texts that decide the vocabulary nothing is counted for it. */
  function plannedRun(config: ExperimentConfig, built: Known['texts']): PlannedRun {
    const words = config.language.model === 'words'
    const texts = config.language.texts === 'pictures' ? built : null
    const vocabulary = words ? learnWords(texts ?? [], config.language.minWordCount).length : config.language.vocabulary
    const run = estimateRun(config, vocabulary)
    const seconds = pace.estimate({ config, threads: threadsOf(config, cores, scheduler.concurrency()), estimate: run })
    return {
      config,
      vocabulary,
      known: !words || texts !== null,
      estimate: run,
      secondsPerStep: seconds.first,
      minutes: minutesOf(config, run, seconds),
      longestText: words && texts !== null ? longestOf(texts) : null,
    }
  }

  const secondStageOf = ({ second }: RunEstimate): PreFlight['secondStage'] =>
    second && {
      kind: second.kind,
      steps: second.steps,
      positions: second.positions,
      gflop: second.operations / 1e9,
      memoryBytes: totalOf(second.memory),
    }

  const factsFor = (planned: PlannedRun, known: Known, concurrency: number): PlanFacts => ({
    codebookSize: codebookRows(planned.config, planned.vocabulary),
    trainingPictures: known.training,
    heldOutPictures: known.heldOut,
    longestText: planned.longestText,
    memoryBytes: planned.estimate.memoryBytes,
    machineMemoryBytes: totalmem(),
    cores,
    concurrency,
  })

  /** Presets are listed on the first page: nothing is opened but what the texts of a small language model need. */
  const outlook = async (presets: readonly Preset[]): Promise<PresetOutlook[]> => {
    const all: PresetOutlook[] = []
    for (const { id, title, baseline, factors, seeds } of presets) {
      const missing = missingOf(baseline, home.directory)
      const { arms } = expandPlan({ name: title, baseline, factors, seeds })
      const texts = await textsOf(baseline, missing)
      const runs = arms.flatMap(({ configs }) => configs[0] ?? []).map((config) => plannedRun(config, texts))
      const minutes = runs.map((run) => run.minutes)
      const concurrency = Math.min(scheduler.concurrency(), arms.length * seeds.length)
      all.push({
        id,
        minutes: minutesOfAll(minutes, seeds.length, concurrency),
        memoryBytes: Math.max(...runs.map((run) => run.estimate.memoryBytes)),
        missing,
      })
    }
    return all
  }

  /** Texts that decide the vocabulary of a language model that learns, and so the time of a step where paces are known. */
  async function textsOf(config: ExperimentConfig, missing: Missing[]): Promise<Known['texts']> {
    const { model, tuning } = config.language
    const matters = model === 'words' && tuning !== 'frozen' && pace.known()
    return matters ? (await factsOf(config, null, missing)).texts : null
  }

  return { preflight, outlook }
}

interface PlannedRun extends Planned {
  /** False if the vocabulary depends on texts that are not here. */
  known: boolean
  secondsPerStep: number | null
  minutes: number | null
  longestText: number | null
}

/** Of a whole run; null while the pace of one of its stages is not known. */
function minutesOf(
  { training }: ExperimentConfig,
  { second }: RunEstimate,
  { first, later }: StepSeconds,
): number | null {
  if (first === null || (second && later === null)) return null
  return (training.steps * first + (second?.steps ?? 0) * (later ?? 0)) / 60
}

/** Runs are started in order as places become free: at least the longest one, at least the work over the places. */
function minutesOfAll(perArm: readonly (number | null)[], seeds: number, concurrency: number): number | null {
  const known = perArm.flatMap((minutes) => minutes ?? [])
  if (known.length < perArm.length) return null
  const work = seeds * known.reduce((sum, minutes) => sum + minutes, 0)
  return Math.max(...known, work / concurrency)
}

/** Words of a pair, with the begin and end tokens around it. */
const longestOf = (pairs: PictureFacts['texts']['training']): number =>
  pairs.reduce((longest, { question, answer }) => {
    const words = `${question} ${answer}`.split(/\s+/).filter((word) => word !== '').length
    return Math.max(longest, words + 2)
  }, 0)

/** Arms share most of their settings, and so most of their warnings. */
const distinct = (warnings: PreFlight['warnings']): PreFlight['warnings'] => [
  ...new Map(warnings.map((warning) => [`${warning.path} ${warning.message}`, warning])).values(),
]
