import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { TensorFile } from '../../src-shared/safetensors.ts'
import { prefixed } from '../engine/parameters.ts'
import { openRuntime } from '../engine/runtimes/open-runtime.ts'
import type { EntryType } from '../engine/runtimes/runtime.ts'
import { drawingEntries } from '../priors/cached-draws.ts'
import { PRIOR } from '../priors/code-inputs.ts'
import { type Codebook, codeRows } from '../priors/code-rows.ts'
import { createPrior } from '../priors/create-prior.ts'
import { priorShape } from '../priors/prior.ts'
import { type PaintingOptions, priorSampler } from '../priors/sample.ts'
import { restoredState } from './checkpoint.ts'
import { classNames, holdsPrior } from './prior/state.ts'

/** A prior out of a checkpoint. */
export interface TrainedPrior {
  /** Names of the classes; none for a prior without them. */
  classes: string[]
  /**
   * @param classes the name of one for each picture; null: none
   * @returns code maps by the ids that people see, per layer int32 [count · h · w]: what the trained tokenizer decodes
   * @throws RangeError for a class that the prior does not know, and for settings out of range
   */
  paint(classes: readonly (string | null)[], options: PaintingOptions): Promise<Int32Array[]>
  dispose(): Promise<void>
}

/**
 * @param codebook of the trained tokenizer of the same checkpoint
 * @param options.rows pictures that are painted side by side; a guided one takes two
 * @throws Error if the checkpoint holds no prior, or naming the first tensor that does not fit the config
 */
export async function openTrainedPrior(
  checkpoint: TensorFile,
  config: ExperimentConfig,
  codebook: Codebook,
  options: { rows: number; threads: number; tensorflow: string; graphs?: string },
): Promise<TrainedPrior> {
  if (!holdsPrior(checkpoint)) throw new Error('the checkpoint holds no prior; train one with prior.steps above 0')
  const classes = classNames(checkpoint)
  const shape = priorShape(config, codebook.codes, classes.length)
  const wanted: Record<string, EntryType> = {}
  for (const [name, { shape: of }] of Object.entries(prefixed(createPrior(shape).specs, PRIOR)))
    wanted[name] = { shape: of, dtype: 'float32' }
  const weights = restoredState(checkpoint, wanted)
  const { runtime } = await openRuntime(config.engine, options)
  const state = runtime.createState({ ...weights, ...drawingEntries(shape, options.rows) })
  const sampler = priorSampler(runtime, state, shape, options.rows)
  const rows = codeRows(config, codebook)
  return {
    classes,
    async paint(names, painting) {
      const numbers = names.map((name) => (name === null ? null : numberOf(classes, name)))
      return (await sampler.paint(numbers, painting)).map((map, layer) => rows.toCodes(map, layer))
    },
    dispose: () => sampler.dispose(),
  }
}

function numberOf(classes: readonly string[], name: string): number {
  const number = classes.indexOf(name)
  if (number >= 0) return number
  throw new RangeError(
    `the prior knows no class "${name}"; ${classes.length > 0 ? `it knows ${classes.slice(0, 8).join(', ')}${classes.length > 8 ? ', …' : ''}` : 'it was trained without classes'}`,
  )
}
