import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { TensorFile } from '../../../src-shared/safetensors.ts'
import type { PictureSet } from '../../data/picture-set.ts'
import { compile } from '../../engine/compile.ts'
import { countParameters } from '../../engine/initialise.ts'
import { openRuntime } from '../../engine/runtimes/open-runtime.ts'
import type { Program, State } from '../../engine/runtimes/runtime.ts'
import type { Spec } from '../../engine/trace.ts'
import { drawingEntries } from '../../priors/cached-draws.ts'
import { codeSpecs, PRIOR } from '../../priors/code-inputs.ts'
import { type Codebook, type CodeRows, codeRows } from '../../priors/code-rows.ts'
import { createPrior } from '../../priors/create-prior.ts'
import { type PriorShape, priorShape } from '../../priors/prior.ts'
import { type PriorSampler, priorSampler, rowsFor } from '../../priors/sample.ts'
import { UPDATE_SPECS } from '../optimizer.ts'
import type { Control, Recorder } from '../recorder.ts'
import { type PictureClasses, pictureClasses } from './picture-classes.ts'
import type { CodesOf } from './picture-codes.ts'
import { fromCheckpoint, initialState } from './state.ts'
import { labelsOf, layerLosses, priorStep } from './step.ts'

/** Pictures that a prior painted: their code maps by the ids that people see, and the class of each ('' for none). */
export interface Paintings {
  /** per layer int32 [count · h · w] */
  codes: Int32Array[]
  classes: string[]
}

export interface PriorOptions {
  config: ExperimentConfig
  pictures: Pick<PictureSet, 'pictures' | 'training' | 'heldOut'>
  /** Of the trained tokenizer. */
  codebook: Codebook
  codesOf: CodesOf
  /** What becomes of the pictures that an evaluation paints; without it none are painted. */
  painted?: (step: number, paintings: Paintings) => Promise<void>
  recorder: Recorder
  control: Control
  /**
   * Reads the run's newest checkpoint: the last one of Stage I, or one of the prior's own. Each checkpoint takes from it what
   * is not the prior's, which would else stand in memory for as long as the prior learns.
   */
  from: () => TensorFile
  threads: number
  /** Folder where TensorFlow was set up, if it was. */
  tensorflow: string
  /** Folder that keeps compiled graphs. */
  graphs?: string
}

/** Everything a step needs. */
export interface PriorRun {
  options: PriorOptions
  config: ExperimentConfig
  shape: PriorShape
  classes: PictureClasses
  rows: CodeRows
  state: State
  /** Inputs: codes.<layer>, classes, UpdateInputs. Outputs: loss, gradientNorm. */
  step: Program
  /** Inputs: codes.<layer>, classes, labels.<layer>. Outputs: loss.<layer>. */
  losses: Program
  /** Null if nothing is painted. */
  sampler: PriorSampler | null
  position: { step: number }
}

/** @throws Error if there is nothing to learn from; what `fromCheckpoint` throws */
export async function openPriorRun(options: PriorOptions): Promise<PriorRun> {
  const { config, pictures, codebook, recorder, from } = options
  if (pictures.training.length === 0)
    throw new Error('the prior has no training pictures; lower data.heldOut, or take more pictures')
  const classes = pictureClasses(config.prior.classes, pictures)
  const shape = priorShape(config, codebook.codes, classes.names.length)
  const prior = createPrior(shape)
  const { tensors, step } = fromCheckpoint(from(), initialState(config, shape), classes.names)
  const { runtime, sentence } = await openRuntime(config.engine, options)
  recorder.event({ kind: 'log', level: 'info', message: sentence })
  recorder.event({
    kind: 'log',
    level: 'info',
    message: `${shape.kind} prior of ${countParameters(prior.specs)} parameters over ${classesInWords(config, classes)}`,
  })
  const { batchSize, optimizer, paintings, sampling } = config.prior
  const painted = options.painted && paintings > 0 ? rowsFor(paintings, sampling.guidance) : 0
  const state = runtime.createState({ ...tensors, ...(painted > 0 ? drawingEntries(shape, painted) : {}) })
  const given: Record<string, Spec> = {
    ...codeSpecs(shape, batchSize),
    classes: { shape: [batchSize], dtype: 'int32' },
  }
  const labels = Object.fromEntries(
    shape.sides.map((side, layer): [string, Spec] => [
      labelsOf(layer),
      { shape: [batchSize * side * side], dtype: 'int32' },
    ]),
  )
  const parameters = state.names().filter((name) => name.startsWith(`${PRIOR}.`))
  return {
    ...{ options, config, shape, classes, state },
    rows: codeRows(config, codebook),
    step: await compile(runtime, state, 'prior step', { ...given, ...UPDATE_SPECS }, Object.keys(tensors), (inputs) =>
      priorStep(prior, shape, optimizer, inputs),
    ),
    losses: await compile(runtime, state, 'prior losses', { ...given, ...labels }, parameters, (inputs) =>
      layerLosses(prior, shape, inputs),
    ),
    sampler: painted > 0 ? priorSampler(runtime, state, shape, painted) : null,
    position: { step },
  }
}

const classesInWords = ({ prior }: ExperimentConfig, { names }: PictureClasses): string =>
  prior.classes === 'none' ? 'pictures of no class' : `${names.length} classes, by ${prior.classes}`

export async function closePriorRun({ step, losses, sampler }: PriorRun): Promise<void> {
  await step.dispose()
  await losses.dispose()
  await sampler?.dispose()
}
