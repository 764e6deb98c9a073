import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { rampAt } from '../../codebook/release.ts'
import { batchIndices } from '../../data/batches.ts'
import { ints, number, type Program, scalar } from '../../engine/runtimes/runtime.ts'
import { batchPerplexity, codeHits } from '../../evaluation/codebook-usage.ts'
import { textBatch } from '../../language/text-batch.ts'
import { toCheckpoint } from '../checkpoint.ts'
import { updateInputs } from '../optimizer.ts'
import type { Recorder } from '../recorder.ts'
import { finite, scalars } from '../step-numbers.ts'
import { recordCodes, startCodebook } from './codebook-start.ts'
import { rampsToLanguage, updatesFromFeatures } from './codebook-update.ts'
import {
  adversarialMetrics,
  discriminatorInputs,
  discriminatorTakesPart,
  hasDiscriminator,
} from './discriminator-step.ts'
import { evaluate } from './evaluation.ts'
import { heldOutPerplexity } from './held-out.ts'
import { readyForStep } from './programs.ts'
import { restartDead } from './restart-step.ts'
import { openRun, type Run, type StageOneOptions } from './run.ts'
import { syncWithLanguage } from './sync.ts'
import { nextImages } from './training-pictures.ts'

export interface StageOneResult {
  state: 'finished' | 'paused' | 'stopped'
  step: number
}

/**
 * Stage I: learns a visual tokenizer and its codebook beside a language model (section 3.2, Eq. 1–3).
 * A run that is stopped anywhere and resumed gives the same numbers, bit for bit, as one that never stopped.
 * @throws Error naming the loss and the step if a loss stops being finite
 */
export async function trainStageOne(options: StageOneOptions): Promise<StageOneResult> {
  const run = await openRun(options)
  const { config, recorder, control } = options
  const { steps, evaluateEvery, sampleEvery, checkpointEvery } = config.training
  const at = run.position
  await recordCodes(run)
  try {
    while (at.step < steps || at.languageSteps < languageStepsDue(run, at.step)) {
      const request = control.request()
      if (request !== 'none') {
        await checkpoint(run, recorder)
        return { state: request === 'pause' ? 'paused' : 'stopped', step: at.step }
      }
      if (at.discriminatorOff === null && hasDiscriminator(config) && control.discriminatorOff?.())
        await switchOffDiscriminator(run)
      if (at.languageSteps < languageStepsDue(run, at.step)) {
        await stepLanguage(run)
        continue
      }
      if (at.step === 0) await beginVisualTraining(run)
      await stepTokenizer(run)
      at.step++
      if (syncsAfter(config, at.step)) await syncWithLanguage(run)
      const last = at.step === steps
      const samples = at.step % sampleEvery === 0 || last
      if (at.step % evaluateEvery === 0 || samples) await evaluate(run, samples)
      if (at.step % checkpointEvery === 0 && !last) await checkpoint(run, recorder)
    }
    await checkpoint(run, recorder)
    return { state: 'finished', step: at.step }
  } finally {
    for (const program of Object.values(run.programs)) await program?.dispose()
    await run.featureDistance.dispose()
  }
}

/** Language steps that must have been taken before tokenizer step `step` + 1. */
function languageStepsDue({ config, options }: Run, step: number): number {
  const { language, training } = config
  if (language.tuning === 'frozen') return 0
  const epoch = Math.ceil(options.pictures.epoch / training.batchSize)
  // What the last, unfinished epoch is due follows at the end.
  const counted = language.alternate === 'step' || step >= training.steps ? step : Math.floor(step / epoch) * epoch
  return language.stepsBefore + Math.floor(counted * language.ratio)
}

const syncsAfter = ({ codebook }: ExperimentConfig, step: number): boolean =>
  codebook.paradigm === 'iterative' &&
  codebook.rule === 'paper' &&
  codebook.interval > 0 &&
  step % codebook.interval === 0

async function stepLanguage(run: Run): Promise<void> {
  const { options, config, programs, position, textRows } = run
  const { language, seed } = config
  const total = languageStepsDue(run, config.training.steps)
  const rows = batchIndices(textRows, language.batchSize, seed, position.languageSteps)
  const dialogues = await options.texts.training.read(rows)
  position.languageSteps++
  const update = updateInputs(language.optimizer, position.languageSteps, total)
  const { tokens, labels, masked } = textBatch(dialogues, run.language.layout, language.context)
  const out = await learning(programs.languageStep).run({ tokens, labels, ...scalars(update) })
  const loss = finite('the language loss', number(out, 'loss'), position.step, 'language.optimizer')
  if (position.languageSteps > language.stepsBefore || position.languageSteps % 10 === 0)
    options.recorder.event({
      kind: 'metrics',
      step: position.step,
      values: { 'language.loss': loss, ...(masked > 0 ? { 'language.masked': masked } : {}) },
    })
}

function learning(program: Program | null): Program {
  if (program) return program
  throw new Error('a language step is due, but nothing of the language model learns')
}

/** The codebook begins, and the first evaluation says where everything begins. */
async function beginVisualTraining(run: Run): Promise<void> {
  await startCodebook(run)
  run.position.firstPerplexity = await heldOutPerplexity(
    run.config,
    run.options.texts,
    run.language.layout,
    run.programs,
  )
  await evaluate(run, true)
}

async function stepTokenizer(run: Run): Promise<void> {
  const { options, config, programs, position, record, codes } = run
  const { pictures, recorder } = options
  const { batchSize, steps } = config.training
  const step = position.step + 1
  const ramp = rampAt(step, steps, config.codebook.tail)
  const adversarial = discriminatorTakesPart(config, step, position.discriminatorOff)
  const program = await readyForStep(programs, adversarial)
  const began = performance.now()
  const images = await nextImages(options, position.step)
  const waited = performance.now() - began
  const replaced = syncsAfter(config, step) && config.codebook.syncOrder === 'replace'
  const out = await program.run({
    images,
    ...scalars(updateInputs(config.optimizer, step, steps)),
    ...(adversarial ? scalars(discriminatorInputs(config, step)) : {}),
    ...(updatesFromFeatures(config) ? { useFeatures: scalar(replaced ? 0 : 1) } : {}),
    ...(rampsToLanguage(config) ? { ramp: scalar(ramp) } : {}),
  })
  const maps = Array.from({ length: config.tokenizer.layers }, (_, layer) => ints(out, `codes.${layer}`))
  const restarted = await restartDead(run, step, out, ramp)
  record.step(step, maps)
  record.history.restart(step, restarted)
  const values: Record<string, number> = {
    'loss.reconstruction': finite('the reconstruction loss', number(out, 'reconstruction'), step),
    'loss.commitment': finite('the commitment loss', number(out, 'commitment'), step),
    ...(out.perceptual ? { 'loss.perceptual': finite('the perceptual loss', number(out, 'perceptual'), step) } : {}),
    'gradient.norm': number(out, 'gradientNorm'),
    'feature.norm': number(out, 'featureNorm'),
    'codebook.restarts': restarted.length,
    ...(rampsToLanguage(config) ? { 'codebook.ramp': ramp } : {}),
    ...(adversarial ? adversarialMetrics(out) : {}),
    'speed.images': batchSize / ((performance.now() - began) / 1000),
    'data.wait': waited / 1000,
  }
  if (adversarial) finite('the discriminator’s loss', values['loss.adversarial.discriminator'] as number, step)
  for (const [layer, map] of maps.entries()) values[`perplexity.batch.${layer}`] = batchPerplexity(codeHits(map, codes))
  if (epochsAfter(pictures.epoch, batchSize, step) || step === steps) Object.assign(values, record.endEpoch())
  if (step % 10 === 0) values['memory.resident'] = process.memoryUsage.rss() / 1e6
  recorder.event({ kind: 'metrics', step, values })
}

/** True where a step ends an epoch, or an epoch ends within its batch. */
const epochsAfter = (pictures: number, batchSize: number, step: number): boolean =>
  Math.floor((step * batchSize) / pictures) > Math.floor(((step - 1) * batchSize) / pictures)

/** From here on without it. The checkpoint comes first, so that a resumed run goes on without it as well. */
async function switchOffDiscriminator(run: Run): Promise<void> {
  const { position, options } = run
  position.discriminatorOff = position.step
  await checkpoint(run, options.recorder)
  options.recorder.event({ kind: 'discriminator-off', step: position.step })
}

async function checkpoint({ state, position, record, language }: Run, recorder: Recorder): Promise<void> {
  const { tensors, metadata } = await toCheckpoint(state, position, record.toTensors(), language.identity, 'one')
  recorder.checkpoint(position.step, tensors, metadata)
}
