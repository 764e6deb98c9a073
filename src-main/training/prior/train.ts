import { batchIndices } from '../../data/batches.ts'
import { createRandom } from '../../data/random.ts'
import { int32, number } from '../../engine/runtimes/runtime.ts'
import { codeTensors } from '../../priors/code-inputs.ts'
import { updateInputs } from '../optimizer.ts'
import { finite, scalars } from '../step-numbers.ts'
import { evaluatePrior } from './evaluation.ts'
import { closePriorRun, openPriorRun, type PriorOptions, type PriorRun } from './run.ts'
import { toCheckpoint } from './state.ts'

export interface PriorResult {
  state: 'finished' | 'paused' | 'stopped'
  /** Of the run: the steps of Stage I, and those of the prior. */
  step: number
}

/**
 * Learns to paint pictures as codes of the trained tokenizer, which stays as it is; it goes on in the run of Stage I, whose
 * steps come before its own. A run that is stopped anywhere and resumed gives the same numbers, bit for bit, as one that
 * never stopped.
 * @throws Error naming the step if the loss stops being finite
 */
export async function trainPrior(options: PriorOptions): Promise<PriorResult> {
  const run = await openPriorRun(options)
  const { config, position: at } = run
  const { steps, evaluateEvery, checkpointEvery } = config.prior
  const before = config.training.steps
  try {
    while (at.step < steps) {
      const request = options.control.request()
      if (request !== 'none') {
        await checkpoint(run)
        return { state: request === 'pause' ? 'paused' : 'stopped', step: before + at.step }
      }
      if (at.step === 0) await evaluatePrior(run)
      await learn(run)
      at.step++
      const last = at.step === steps
      if (at.step % evaluateEvery === 0 || last) await evaluatePrior(run)
      if (at.step % checkpointEvery === 0 && !last) await checkpoint(run)
    }
    await checkpoint(run)
    return { state: 'finished', step: before + at.step }
  } finally {
    await closePriorRun(run)
  }
}

async function learn({ options, config, shape, classes, rows, step, position }: PriorRun): Promise<void> {
  const { prior, seed, training, data } = config
  const began = performance.now()
  const indices = batchIndices(options.pictures.training, prior.batchSize, seed, position.step)
  const chance = createRandom(seed, 'mirrored for the prior', position.step)
  const mirrored = data.flip ? indices.map(() => chance.uniform() < 0.5) : []
  const maps = (await options.codesOf(indices, mirrored)).map((map, layer) => rows.toRows(map, layer))
  const random = createRandom(seed, 'class dropout', position.step)
  const given = indices.map((index) => (random.uniform() < prior.classDropout ? shape.classes : classes.of(index)))
  const out = await step.run({
    ...codeTensors(shape, maps, prior.batchSize),
    classes: int32(Int32Array.from(given), [prior.batchSize]),
    ...scalars(updateInputs(prior.optimizer, position.step + 1, prior.steps)),
  })
  const at = training.steps + position.step + 1
  options.recorder.event({
    kind: 'metrics',
    step: at,
    values: {
      'prior.loss': finite('the loss of the prior', number(out, 'loss'), at, 'prior.optimizer'),
      'prior.gradientNorm': number(out, 'gradientNorm'),
      'speed.prior': prior.batchSize / ((performance.now() - began) / 1000),
    },
  })
}

async function checkpoint({ options, config, state, position, classes }: PriorRun): Promise<void> {
  const { tensors, metadata } = await toCheckpoint(options.from(), state, position.step, classes.names)
  options.recorder.checkpoint(config.training.steps + position.step, tensors, metadata)
}
