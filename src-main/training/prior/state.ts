import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { TensorFile } from '../../../src-shared/safetensors.ts'
import { createRandom } from '../../data/random.ts'
import { initialise } from '../../engine/initialise.ts'
import { prefixed } from '../../engine/parameters.ts'
import type { HostTensor, State } from '../../engine/runtimes/runtime.ts'
import { isDrawingEntry } from '../../priors/cached-draws.ts'
import { PRIOR } from '../../priors/code-inputs.ts'
import { createPrior } from '../../priors/create-prior.ts'
import type { PriorShape } from '../../priors/prior.ts'
import { restoredState, STAGE, type Stage, stageOf, storedState } from '../checkpoint.ts'
import { initialMoments } from '../optimizer.ts'

/** Metadata of a checkpoint: steps of the prior that are done, and JSON of the names of its classes. */
const STEPS = 'prior.steps'
const CLASSES = 'prior.classes'

/** What a prior starts from: drawn from the run's seed by name. */
export function initialState({ seed }: Pick<ExperimentConfig, 'seed'>, shape: PriorShape): Record<string, HostTensor> {
  const specs = prefixed(createPrior(shape).specs, PRIOR)
  const parameters = initialise(specs, (name) => createRandom(seed, 'parameter', name))
  return { ...parameters, ...initialMoments(parameters) }
}

/** True if the checkpoint was taken while a prior learned, or after it. */
export const holdsPrior = (file: TensorFile): boolean => stageOf(file) === 'prior'

/** A prior out of a checkpoint: its state and where it stands; a fresh one out of a checkpoint of Stage I. */
export interface RestoredPrior {
  tensors: Record<string, HostTensor>
  /** Steps done. */
  step: number
}

/**
 * @param fresh the state that the config asks for; names and shapes must agree
 * @param classes names of the classes
 * @throws Error naming the first entry that does not fit, or the first class if they are others
 */
export function fromCheckpoint(
  file: TensorFile,
  fresh: Record<string, HostTensor>,
  classes: readonly string[],
): RestoredPrior {
  if (!holdsPrior(file)) return { tensors: fresh, step: 0 }
  const written = classNames(file)
  const other = Array.from({ length: Math.max(written.length, classes.length) }, (_, at) => at).find(
    (at) => written[at] !== classes[at],
  )
  if (other !== undefined)
    throw new Error(
      `the prior's class ${other} was "${written[other] ?? 'none'}" when the checkpoint was written and is "${classes[other] ?? 'none'}" now; put the same pictures back, or clone the run to begin anew`,
    )
  const step = Number(file.metadata[STEPS])
  if (!(Number.isInteger(step) && step >= 0))
    throw new Error(
      `the checkpoint says "${file.metadata[STEPS] ?? ''}" where the steps of its prior belong; clone the run to begin anew`,
    )
  return { tensors: restoredState(file, fresh), step }
}

/** Names of the classes of the prior that a checkpoint holds, in the order of their numbers. */
export const classNames = ({ metadata }: TensorFile): string[] => JSON.parse(metadata[CLASSES] ?? '[]') as string[]

/**
 * A checkpoint of a prior is one of Stage I, which it began with, and the prior besides: whatever reads the tokenizer out of
 * the one reads it out of the other.
 */
export async function toCheckpoint(
  began: TensorFile,
  state: State,
  step: number,
  classes: readonly string[],
): Promise<TensorFile> {
  const stage: Stage = 'prior'
  return {
    tensors: { ...began.tensors, ...(await storedState(state, (name) => !isDrawingEntry(name))) },
    metadata: { ...began.metadata, [STAGE]: stage, [STEPS]: `${step}`, [CLASSES]: JSON.stringify(classes) },
  }
}
