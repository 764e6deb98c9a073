import { totalmem } from 'node:os'
import { type Arm, expandPlan } from '../../src-shared/ablation-plan.ts'
import { tokensPerPicture } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { ConfigError } from '../../src-shared/config-problems.ts'
import type { PreFlight } from '../../src-shared/contract.ts'
import { DataError } from '../data/source.ts'
import { learnWords } from '../language/word-tokenizer.ts'
import { estimateRun } from '../training/estimate.ts'
import type { AblationInput } from './ablations.ts'
import type { Context } from './context.ts'
import type { Pace } from './pace.ts'
import type { PictureFacts, PictureLibrary } from './picture-library.ts'
import { type PlanFacts, planWarnings } from './plan-warnings.ts'

export interface PreFlightResult {
  problems: { path: string; message: string }[]
  preflight: PreFlight | null
  runs: number
}

/** Says what a plan will take before anything is written. Problems come back as values, all at once. */
export function createPlanService({ scheduler, cores }: Context, library: PictureLibrary, pace: Pace) {
  const threadsOf = (config: ExperimentConfig): number =>
    config.engine.threads || Math.max(1, Math.floor(cores / scheduler.concurrency()))

  const preflight = async (plan: AblationInput): Promise<PreFlightResult> => {
    try {
      const { baseline, arms } = expandPlan(plan)
      const pictures = await library.facts(baseline.data)
      const runs = arms.length * plan.seeds.length
      return { problems: [], preflight: estimate(baseline, arms, plan.seeds.length, pictures), runs }
    } catch (error) {
      if (error instanceof ConfigError)
        return { problems: error.problems.map(({ path, message }) => ({ path, message })), preflight: null, runs: 0 }
      if (error instanceof DataError)
        return { problems: [{ path: 'data.source', message: error.message }], preflight: null, runs: 0 }
      throw error
    }
  }

  function estimate(
    baseline: ExperimentConfig,
    arms: readonly Arm[],
    seeds: number,
    pictures: PictureFacts,
  ): PreFlight {
    const own = estimateOf(baseline, pictures)
    const others = arms
      .flatMap(({ configs }) => configs[0] ?? [])
      .map((config) => ({ config, ...estimateOf(config, pictures) }))
    const concurrency = Math.min(scheduler.concurrency(), arms.length * seeds)
    const facts = (memoryBytes: number, codebookSize: number): PlanFacts => ({
      codebookSize,
      trainingPictures: pictures.training,
      heldOutPictures: pictures.heldOut,
      longestText: own.longestText,
      memoryBytes,
      machineMemoryBytes: totalmem(),
      cores,
      concurrency,
    })
    const warnings = others.flatMap(({ config, memoryBytes, codebookSize }) =>
      planWarnings(config, facts(memoryBytes, codebookSize)),
    )
    return {
      parameters: own.parameters,
      codebookSize: own.codebookSize,
      codeWidth: baseline.language.width,
      tokensPerPicture: tokensPerPicture(baseline),
      trainingPictures: pictures.training,
      heldOutPictures: pictures.heldOut,
      vocabulary: own.vocabulary,
      memoryBytes: Math.max(own.memoryBytes, ...others.map(({ memoryBytes }) => memoryBytes)),
      secondsPerStep: own.secondsPerStep,
      minutesPerRun: own.minutes,
      minutes: minutesOfAll(
        others.map(({ minutes }) => minutes),
        seeds,
        concurrency,
      ),
      warnings: distinct(warnings),
    }
  }

  function estimateOf(config: ExperimentConfig, { texts }: PictureFacts) {
    const { model, minWordCount } = config.language
    const words = model === 'words'
    const vocabulary = words ? learnWords(texts.training, minWordCount).length : config.language.vocabulary
    const run = estimateRun(config, vocabulary)
    const secondsPerStep = pace.estimate(config, threadsOf(config), run.gflopPerStep)
    return {
      ...run,
      vocabulary,
      codebookSize: config.codebook.paradigm === 'independent' ? config.codebook.size : vocabulary,
      secondsPerStep,
      minutes: secondsPerStep === null ? null : (secondsPerStep * config.training.steps) / 60,
      longestText: words ? longestOf(texts.training) : null,
    }
  }

  return { preflight }
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
