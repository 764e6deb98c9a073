import type { StoredTensor, TensorFile } from '../../src-shared/safetensors.ts'
import type { EntryType, HostTensor, State } from '../engine/runtimes/runtime.ts'

const storedType = (dtype: HostTensor['dtype']): 'F32' | 'I32' => (dtype === 'int32' ? 'I32' : 'F32')

/** Metadata key of the pretrained model's identity. */
const MODEL = 'model'
/** Metadata key of the stage that wrote a checkpoint. Those from before there was a second one do not say. */
export const STAGE = 'stage'
export type Stage = 'one' | 'two' | 'prior'
export function stageOf({ metadata }: TensorFile): Stage {
  const stage = metadata[STAGE]
  return stage === 'two' || stage === 'prior' ? stage : 'one'
}

/**
 * A checkpoint to be taken once. Whoever has the way to it does not hold its tensors: for as long as a run trains they
 * would stand in memory beside the state that was made of them.
 */
export function handedOver(file: TensorFile): () => TensorFile {
  let held: TensorFile | null = file
  return () => {
    if (held === null) throw new Error('the checkpoint has been taken already; read it anew')
    const taken = held
    held = null
    return taken
  }
}

/** Prefix of a checkpoint's tensors that are no part of the state: what a run remembers beside the graph. */
const RECORD_PREFIX = 'record.'

/**
 * The state, the position and the records as the contents of a checkpoint. Frozen weights are not in it, only whose they are.
 * @param model identity of the pretrained model; '' for none
 */
export async function toCheckpoint<Position>(
  state: State,
  position: Position,
  records: Record<string, StoredTensor>,
  model: string,
  stage: Stage,
): Promise<{ tensors: Record<string, StoredTensor>; metadata: Record<string, string> }> {
  const tensors = await storedState(state)
  for (const [name, tensor] of Object.entries(records)) tensors[RECORD_PREFIX + name] = tensor
  return {
    tensors,
    metadata: { position: JSON.stringify(position), [STAGE]: stage, ...(model ? { [MODEL]: model } : {}) },
  }
}

/**
 * The inverse of toCheckpoint.
 * @param start a position with what older checkpoints do not say
 * @param expected the state that the config asks for; names and shapes must agree
 * @throws Error naming the first entry that does not fit, or the model if it is another one
 */
export function fromCheckpoint<Position>(
  file: TensorFile,
  expected: Record<string, HostTensor>,
  model: string,
  start: Position,
): { tensors: Record<string, HostTensor>; position: Position; records: Record<string, StoredTensor> } {
  const written = file.metadata[MODEL] ?? ''
  if (written !== model)
    throw new Error(
      `the checkpoint was written over the language model ${written || 'of its own'}, but this is ${model || 'one of its own'}; put the same file back, or clone the run to begin anew`,
    )
  const tensors = restoredState(file, expected)
  if (!file.metadata.position) throw new Error('the checkpoint does not say at which step it was taken')
  const records: Record<string, StoredTensor> = {}
  for (const [name, tensor] of Object.entries(file.tensors))
    if (name.startsWith(RECORD_PREFIX)) records[name.slice(RECORD_PREFIX.length)] = tensor
  return { tensors, position: { ...start, ...(JSON.parse(file.metadata.position) as Position) }, records }
}

/** The entries of a state as a checkpoint holds them, without frozen weights. @param keeps names that are kept; all unless given */
export async function storedState(
  state: State,
  keeps: (name: string) => boolean = () => true,
): Promise<Record<string, StoredTensor>> {
  const tensors: Record<string, StoredTensor> = {}
  for (const name of state.names()) {
    if (state.frozen?.tensors[name] || !keeps(name)) continue
    const { data, shape, dtype } = await state.read(name)
    tensors[name] = { dtype: storedType(dtype), shape: [...shape], data: data as Float32Array | Int32Array }
  }
  return tensors
}

/**
 * The inverse of storedState; what else the file holds is passed over.
 * @throws Error naming the first entry that does not fit
 */
export function restoredState(
  file: TensorFile,
  expected: Readonly<Record<string, EntryType>>,
): Record<string, HostTensor> {
  const tensors: Record<string, HostTensor> = {}
  for (const [name, { shape, dtype }] of Object.entries(expected)) {
    const type = storedType(dtype)
    const stored = file.tensors[name]
    if (!stored) throw new Error(`the checkpoint lacks "${name}" [${shape}]: it belongs to another config`)
    if (stored.dtype !== type || `${stored.shape}` !== `${shape}`)
      throw new Error(
        `the checkpoint's "${name}" is ${stored.dtype} [${stored.shape}], the config asks for ${type} [${shape}]`,
      )
    tensors[name] = { dtype, shape, data: stored.data as Float32Array | Int32Array }
  }
  return tensors
}
