import { codeMapSides } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { PreFlight } from '../../src-shared/contract.ts'

type Warning = PreFlight['warnings'][number]

/** What is known of a plan's config beyond the config itself. */
export interface PlanFacts {
  codebookSize: number
  /** null: not known. */
  trainingPictures: number | null
  heldOutPictures: number | null
  /** Tokens of the longest training text, the special ones included; null where only the model’s files could tell. */
  longestText: number | null
  memoryBytes: number
  machineMemoryBytes: number
  cores: number
  concurrency: number
}

/** Settings that are allowed and yet probably not what is meant, each with a setting to try. */
export function planWarnings(config: ExperimentConfig, facts: PlanFacts): Warning[] {
  return [
    ...restartWarnings(config, facts),
    ...syncWarnings(config),
    ...sizeWarnings(config, facts),
    ...scheduleWarnings(config),
  ]
}

/**
 * A code that is hit once in a while must live from hit to hit. The running count of a code falls by `decay` a step,
 * from about its share T/K (or the (1 − decay) of a single hit) to the threshold restart · T/K; if that is sooner than
 * the K/T steps between two hits at uniform use, codes are restarted that nothing is wrong with (FIELD.md 3a, trap 2).
 */
function restartWarnings(config: ExperimentConfig, { codebookSize }: PlanFacts): Warning[] {
  const { restart, decay, paradigm } = config.codebook
  if (restart === 0 || paradigm === 'frozen' || decay === 0 || decay === 1) return []
  const sides = codeMapSides(config)
  // Of codebooks of the layers' own, the coarsest layer's has the fewest tokens a code.
  const [side, codes] = config.codebook.shared
    ? [sides.at(-1) as number, codebookSize]
    : [sides[0] as number, codebookSize / sides.length]
  const share = (config.training.batchSize * side * side) / codes
  const stepsToRestart = Math.log(Math.max(share, 1 - decay) / (restart * share)) / -Math.log(decay)
  const stepsBetweenHits = 1 / share
  if (stepsToRestart >= stepsBetweenHits) return []
  return [
    {
      path: 'codebook.restart',
      message: `A batch has ${share.toPrecision(2)} tokens per code. A code used as often as the others is hit every ${stepsBetweenHits.toFixed(0)} steps, but restarted after ${Math.max(0, stepsToRestart).toFixed(0)} without a hit.`,
      remedy: `Lower codebook.restart from ${restart}, raise codebook.decay from ${decay}, or raise training.batchSize.`,
    },
  ]
}

/** Share of the LLM row in a used code right after a sync, below which the codebook is unified in name only. */
const SMALL_SHARE = 0.1

function syncWarnings(config: ExperimentConfig): Warning[] {
  const { paradigm, interval, emaLambda, syncLambda } = config.codebook
  const { steps } = config.training
  if (paradigm !== 'iterative') return []
  if (interval === 0 || interval > steps)
    return [
      {
        path: 'codebook.interval',
        message: `The visual codebook is never brought back to the language model (interval ${interval}, ${steps} steps).`,
        remedy: 'Set codebook.interval to a small share of training.steps, such as 20.',
      },
    ]
  // A used code keeps emaLambda of itself a step (Eq. 2) and takes 1 − syncLambda of its row at a sync (Eq. 3).
  const keptBetween = emaLambda ** interval
  const share = (1 - syncLambda) / Math.max(1e-12, 1 - syncLambda * keptBetween)
  if (share >= SMALL_SHARE) return []
  return [
    {
      path: 'codebook.syncLambda',
      message: `λ = ${syncLambda} is gentle: right after a sync a used code holds about ${(100 * share).toPrecision(2)} % of its language-model row, so the codebook is unified in name only.`,
      remedy: 'Lower codebook.syncLambda, or shorten codebook.interval, and watch the drift of used codes.',
    },
  ]
}

function sizeWarnings(config: ExperimentConfig, facts: PlanFacts): Warning[] {
  const { training, language, engine } = config
  const warnings: Warning[] = []
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
  if (facts.memoryBytes * facts.concurrency > facts.machineMemoryBytes)
    warnings.push({
      path: 'training.batchSize',
      message: `${facts.concurrency} runs at once need about ${megabytes(facts.memoryBytes * facts.concurrency)}, and this machine has ${megabytes(facts.machineMemoryBytes)}.`,
      remedy: 'Let fewer runs go at once, or lower training.batchSize.',
    })
  if (engine.threads * facts.concurrency > facts.cores)
    warnings.push({
      path: 'engine.threads',
      message: `${facts.concurrency} runs with ${engine.threads} threads each share ${facts.cores} cores and slow each other down.`,
      remedy: 'Set engine.threads to 0, which divides the cores among the runs.',
    })
  if (facts.longestText !== null && facts.longestText > language.context)
    warnings.push({
      path: 'language.context',
      message: `The longest text has ${facts.longestText} tokens and is cut to ${language.context}.`,
      remedy: `Set language.context to ${facts.longestText}.`,
    })
  if (facts.trainingPictures !== null && training.batchSize > facts.trainingPictures)
    warnings.push({
      path: 'training.batchSize',
      message: `A batch of ${training.batchSize} holds every one of the ${facts.trainingPictures} training pictures more than once.`,
      remedy: `Set training.batchSize to at most ${facts.trainingPictures}.`,
    })
  if (facts.heldOutPictures !== null && training.samplePictures > facts.heldOutPictures)
    warnings.push({
      path: 'training.samplePictures',
      message: `There are ${facts.heldOutPictures} held-out pictures, fewer than the ${training.samplePictures} samples asked for.`,
      remedy: 'Raise data.heldOut or lower training.samplePictures.',
    })
  return warnings
}

function scheduleWarnings({ training, optimizer }: ExperimentConfig): Warning[] {
  const { steps, evaluateEvery, checkpointEvery } = training
  const warnings: Warning[] = []
  if (evaluateEvery > steps)
    warnings.push({
      path: 'training.evaluateEvery',
      message: `With ${steps} steps the run is evaluated only at its end.`,
      remedy: `Set training.evaluateEvery to ${Math.max(1, Math.round(steps / 8))}.`,
    })
  if (checkpointEvery > steps)
    warnings.push({
      path: 'training.checkpointEvery',
      message: `With ${steps} steps no checkpoint is written on the way; a run that dies begins anew.`,
      remedy: `Set training.checkpointEvery to ${Math.max(1, Math.round(steps / 2))}.`,
    })
  if (optimizer.warmupSteps >= steps)
    warnings.push({
      path: 'optimizer.warmupSteps',
      message: `The learning rate is still warming up when the ${steps} steps are over.`,
      remedy: `Set optimizer.warmupSteps to at most ${Math.floor(steps / 10)}.`,
    })
  return warnings
}
