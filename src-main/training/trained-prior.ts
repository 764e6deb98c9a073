import { codeOrder } from '../../src-shared/code-maps.ts'
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
import { type PaintingOptions, type PriorSampler, priorSampler, rowsFor } from '../priors/sample.ts'
import { restoredState } from './checkpoint.ts'
import { classNames, holdsPrior } from './prior/state.ts'

/** A prior out of a checkpoint. */
export interface TrainedPrior {
  /** Names of the classes; none for a prior without them. */
  classes: string[]
  /**
   * @param classes the name of one for each picture; null: none
   * @param options with all codes by the ids that people see
   * @returns code maps by these ids, per layer int32 [count · h · w]: what the trained tokenizer decodes
   * @throws RangeError for a class that the prior does not know, for first codes that are none, and for settings out of range
   */
  paint(classes: readonly (string | null)[], options: PaintingOptions): Promise<Int32Array[]>
  dispose(): Promise<void>
}

/**
 * @param codebook of the trained tokenizer of the same checkpoint
 * @param options.rows that go side by side at most; a guided picture takes two
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
  const state = runtime.createState(weights)
  const rows = codeRows(config, codebook)
  const order = codeOrder(shape.sides)
  let open: { sampler: PriorSampler; rows: number } | null = null
  async function close(): Promise<void> {
    if (!open) return
    const gone = open
    open = null
    await gone.sampler.dispose()
    state.remove(Object.keys(drawingEntries(shape, gone.rows)))
  }
  /** A sampler of no more rows than are painted: each costs time, whether a picture is in it or not. */
  async function samplerOf(wanted: number): Promise<PriorSampler> {
    if (open?.rows === wanted) return open.sampler
    await close()
    state.add(drawingEntries(shape, wanted))
    open = { sampler: priorSampler(runtime, state, shape, wanted), rows: wanted }
    return open.sampler
  }
  function rowAt(code: number, at: number): number {
    try {
      return rows.toRows(Int32Array.of(code), order[at]?.layer ?? 0)[0] as number
    } catch (cause) {
      throw new RangeError(`first code ${at}: ${(cause as Error).message}`, { cause })
    }
  }
  const shown = (code: number, layer: number): number => rows.toCodes(Int32Array.of(code), layer)[0] as number
  return {
    classes,
    async paint(names, { first = new Int32Array(0), drawn, ...painting }) {
      const numbers = names.map((name) => (name === null ? null : numberOf(classes, name)))
      const sampler = await samplerOf(Math.min(options.rows, rowsFor(Math.max(1, names.length), painting.guidance)))
      const maps = await sampler.paint(numbers, {
        ...painting,
        first: first.map(rowAt),
        ...(drawn
          ? {
              drawn: ({ alternatives, ...one }) =>
                drawn({
                  ...one,
                  code: shown(one.code, one.layer),
                  alternatives: alternatives.map((other) => ({ ...other, code: shown(other.code, one.layer) })),
                }),
            }
          : {}),
      })
      return maps.map((map, layer) => rows.toCodes(map, layer))
    },
    dispose: close,
  }
}

function numberOf(classes: readonly string[], name: string): number {
  const number = classes.indexOf(name)
  if (number >= 0) return number
  throw new RangeError(
    `the prior knows no class "${name}"; ${classes.length > 0 ? `it knows ${classes.slice(0, 8).join(', ')}${classes.length > 8 ? ', …' : ''}` : 'it was trained without classes'}`,
  )
}
