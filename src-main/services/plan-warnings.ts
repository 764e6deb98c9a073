import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { PreFlight } from '../../src-shared/contract/plan.ts'
import { pretrainedEncoder } from '../../src-shared/multimodal.ts'
import { restartWarnings, syncWarnings } from './codebook-advice.ts'

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
    ...restartWarnings(config, facts.codebookSize),
    ...syncWarnings(config),
    ...sizeWarnings(config, facts),
    ...scheduleWarnings(config),
    ...encoderWarnings(config),
  ]
}

/** What a network of the user's own takes is known once it is opened, which a plan does not do. */
function encoderWarnings({ multimodal }: ExperimentConfig): Warning[] {
  if (multimodal.steps === 0 || !pretrainedEncoder(multimodal)) return []
  return [
    {
      path: 'multimodal.encoder.path',
      message: 'Time and memory of the pretrained network that reads pictures are not counted.',
      remedy: 'Let a run of a few steps (multimodal.steps) show what it takes.',
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
