import { number } from '../../engine/runtimes/runtime.ts'
import { toCheckpoint } from '../checkpoint.ts'
import { updateInputs } from '../optimizer.ts'
import { finite, scalars } from '../step-numbers.ts'
import { batchSize, batchTensors, type LaidOutDialogue } from './batches.ts'
import { evaluateTasks } from './evaluation.ts'
import { paintRequests } from './paintings.ts'
import { eachOf, openStageTwo, type StageTwoOptions, type StageTwoRun } from './run.ts'

export interface StageTwoResult {
  state: 'finished' | 'paused' | 'stopped'
  /** Steps of both stages. */
  step: number
}

/**
 * Stage II: multimodal instruction tuning (section 4). Encoder, decoder and codebook stay as they are; the language model,
 * and what its paradigm adds, learn from the answers of dialogues with pictures (Eq. 6), decompression among them (Eq. 4
 * and 5). Steps are counted on from Stage I's. A run that is stopped anywhere and resumed gives the same numbers, bit for
 * bit, as one that never stopped.
 * @throws Error naming the step if the loss stops being finite, and for a config whose problems are to stop it
 */
export async function trainStageTwo(options: StageTwoOptions): Promise<StageTwoResult> {
  const run = await openStageTwo(options)
  const { config, control } = options
  const { steps, evaluateEvery, checkpointEvery } = config.multimodal
  const at = run.position
  try {
    reportSkipped(options)
    if (at.step === 0) await evaluate(run)
    while (at.step < steps) {
      const request = control.request()
      if (request !== 'none') {
        await checkpoint(run)
        return { state: request === 'pause' ? 'paused' : 'stopped', step: globalStep(run) }
      }
      await step(run)
      const last = at.step === steps
      if (at.step % evaluateEvery === 0 || last) await evaluate(run)
      if (at.step % checkpointEvery === 0 && !last) await checkpoint(run)
    }
    await checkpoint(run)
    return { state: 'finished', step: globalStep(run) }
  } finally {
    await run.steps.dispose()
    await run.judges.dispose()
    await run.pictures.dispose()
  }
}

const globalStep = ({ config, position }: StageTwoRun): number => config.training.steps + position.step

function reportSkipped({ config, dialogues, recorder }: StageTwoOptions): void {
  for (const { reason, count, first } of dialogues.skipped) {
    const message = `${count} dialogues ${reason}; the first: ${first.join(', ')}`
    if (config.multimodal.problems === 'stop')
      throw new Error(`${message}; mend them, or set multimodal.problems to "skip"`)
    recorder.event({ kind: 'log', level: 'warning', message: `${message}; they are left out` })
  }
}

async function step(run: StageTwoRun): Promise<void> {
  const { config, position, options } = run
  const { accumulation, batchSize: batch, context, optimizer, steps } = config.multimodal
  const began = performance.now()
  const batches: LaidOutDialogue[][] = []
  for (let part = 0; part < accumulation; part++)
    batches.push(await run.draw.batch(position.step * accumulation + part))
  reportProblems(run)
  const waited = performance.now() - began
  const sizes = batches.map((dialogues) => batchSize(sequencesOf(dialogues), batch, context))
  const size = sizes.reduce((a, b) => ({
    batch,
    length: Math.max(a.length, b.length),
    rows: Math.max(a.rows, b.rows),
  }))
  const program = await run.steps.get(size)
  position.step++
  const update = updateInputs(optimizer, position.step, steps)
  const out = await program.run(
    scalars(update),
    batches.map((dialogues) => batchTensors(sequencesOf(dialogues), run.shape, size, run.pad)),
  )
  const loss = finite('the loss of Stage II', number(out, 'loss'), globalStep(run), 'multimodal.optimizer')
  const positions = batches.flat().reduce((sum, { sequence }) => sum + sequence.positions.length, 0)
  options.recorder.event({
    kind: 'metrics',
    step: globalStep(run),
    values: {
      'multimodal.loss': loss,
      'multimodal.gradientNorm': number(out, 'gradientNorm'),
      'speed.positions': positions / ((performance.now() - began) / 1000),
      'data.wait': waited / 1000,
      ...(position.step % 10 === 0 ? { 'memory.resident': process.memoryUsage.rss() / 1e6 } : {}),
    },
  })
}

const sequencesOf = (dialogues: readonly LaidOutDialogue[]) => dialogues.map(({ sequence }) => sequence)

/** Dialogues that were drawn in vain are told when they first come up; the run ends there if its config says so. */
function reportProblems({ problems, config, options }: StageTwoRun): void {
  for (const [problem, { count, first }] of problems) {
    const message = `${eachOf(count, 'drawn dialogue')} ${problem}; the first: ${first}`
    if (config.multimodal.problems === 'stop')
      throw new Error(`${message}; raise multimodal.context, mend them, or set multimodal.problems to "skip"`)
    options.recorder.event({ kind: 'log', level: 'warning', message: `${message}; others were drawn instead` })
  }
  problems.clear()
}

async function evaluate(run: StageTwoRun): Promise<void> {
  const { recorder } = run.options
  const last = run.position.step === run.config.multimodal.steps
  const painted = await paintRequests(run, last)
  const { metrics, answers } = await evaluateTasks(run, last)
  const values = { ...metrics, ...painted?.metrics }
  if (Object.keys(values).length > 0) recorder.event({ kind: 'metrics', step: globalStep(run), values })
  if (answers.length > 0) recorder.answers(globalStep(run), answers)
  if (painted) recorder.painting(globalStep(run), painted.file.tensors, painted.file.metadata)
}

async function checkpoint(run: StageTwoRun): Promise<void> {
  const { state, position, language, options } = run
  const { tensors, metadata } = await toCheckpoint(state, position, {}, language.identity, 'two')
  options.recorder.checkpoint(globalStep(run), tensors, metadata)
}
