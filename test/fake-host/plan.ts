import { expandPlan } from '../../src-shared/ablation-plan.ts'
import { tokensPerPicture } from '../../src-shared/code-maps.ts'
import { ConfigError } from '../../src-shared/config-problems.ts'
import type { Factor } from '../../src-shared/contract/ablations.ts'
import type { PreFlight } from '../../src-shared/contract/plan.ts'
import { codebookSize, VOCABULARY } from './curves.ts'
import { host } from './runs.ts'

const problemsOf = (error: unknown) => {
  if (error instanceof ConfigError) return error.problems.map(({ path, message }) => ({ path, message }))
  throw error
}

export function preflight(plan: { baseline: unknown; factors: Factor[]; seeds: number[] }) {
  let planned: ReturnType<typeof expandPlan>
  try {
    planned = expandPlan({ name: 'plan', ...plan })
  } catch (error) {
    return { problems: problemsOf(error), preflight: null, runs: 0 }
  }
  const config = planned.baseline
  const count = planned.arms.length * plan.seeds.length
  const { language, tokenizer, training, data } = config
  const convolutions = tokenizer.channels.reduce(
    (sum, channels) => sum + channels ** 2 * 9 * 2 * tokenizer.residualBlocks,
    0,
  )
  const block = 2 * language.width ** 2 + 3 * language.width * language.feedForward
  const pixels = data.resolution ** 2 * training.batchSize
  const secondsPerStep = 0.09 + (pixels * convolutions) / 4e10
  const minutesPerRun = (secondsPerStep * training.steps) / 60 + 0.2
  const result: PreFlight = {
    parameters: [
      { part: 'encoder', count: convolutions },
      { part: 'decoder', count: Math.round(convolutions * 1.3) },
      { part: 'language model', count: block * language.layers },
      { part: 'embedding (codebook)', count: VOCABULARY * language.width },
    ],
    codebookSize: codebookSize(config),
    codeWidth: language.width,
    tokensPerPicture: tokensPerPicture(config),
    tokensPerStep: tokensPerPicture(config) * training.batchSize,
    tokensOfTraining: tokensPerPicture(config) * training.batchSize * training.steps,
    stepsPerEpoch: 1433 / training.batchSize,
    epochs: (training.steps * training.batchSize) / 1433,
    memory: [
      { part: 'weights', bytes: 12e6 },
      { part: 'process', bytes: 408e6 },
      { part: 'activations', bytes: pixels * 2600 },
    ],
    work: [{ part: 'encoder', gflop: (pixels * convolutions) / 1e9 }],
    elsewhere: null,
    missing: [],
    trainingPictures: 1433,
    heldOutPictures: 160,
    vocabulary: VOCABULARY,
    memoryBytes: 420e6 + pixels * 2600,
    secondStage: null,
    secondsPerStep,
    minutesPerRun,
    minutes: (minutesPerRun * count) / host.concurrency,
    warnings:
      config.codebook.restart === 0
        ? [
            {
              path: 'codebook.restart',
              message: 'With restart 0 codes that are never hit stay dead.',
              remedy: 'Set 0.1, which replaces codes below a tenth of their fair share.',
            },
          ]
        : [],
    advice: [
      {
        path: 'training.batchSize',
        message: 'With 80 tokens per picture × 32 and K = 1,917 a code is hit 1.3 times a step at uniform use.',
      },
    ],
  }
  return { problems: [], preflight: result, runs: count }
}
