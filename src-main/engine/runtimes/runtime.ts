import { ShapeError } from '../errors.ts'
import { type FrozenWeights, readFrozen } from '../frozen/frozen-weights.ts'
import type { Data, Dtype, Graph, Value } from '../ir.ts'

/** A tensor in this process's own memory. */
export interface HostTensor {
  shape: readonly number[]
  dtype: Dtype
  data: Data
}

/**
 * A compiled graph. Inputs named in the state are read from it; outputs named `state:<name>` are written back to it;
 * every other input comes from the caller and every other output goes to them.
 */
export interface Program {
  run(inputs: Record<string, HostTensor>): Promise<Record<string, HostTensor>>
  dispose(): Promise<void>
}

/** Shape and type of an entry of a state. */
export interface EntryType {
  shape: readonly number[]
  dtype: Dtype
}

/** Named tensors that stay with the runtime (and on its device) between steps, shared by all programs made over them. */
export interface State {
  /** Weights in a file, which are entries as well. */
  readonly frozen: FrozenWeights | null
  /** Of all entries. */
  names(): string[]
  /** @throws Error if there is no such entry */
  typeOf(name: string): EntryType
  /** A copy of the entry. */
  read(name: string): Promise<HostTensor>
  /** Replaces an entry by a copy of a tensor of the same shape and type. */
  write(name: string, tensor: HostTensor): Promise<void>
  /** Further entries, for programs that are loaded from now on. @throws Error for a name that is taken */
  add(entries: Record<string, HostTensor>): void
  /** Lets entries go that no program will use any more. @throws Error for one that is frozen or not there */
  remove(names: readonly string[]): void
}

export interface Runtime {
  readonly name: string
  /** @param frozen weights that programs read as further entries, and that none may replace */
  createState(initial: Record<string, HostTensor>, frozen?: FrozenWeights): State
  load(graph: Graph, name: string, state: State): Promise<Program>
}

/** The entry of that name. @throws Error if the state has none */
export function entryOf<Entry>(entries: ReadonlyMap<string, Entry>, name: string): Entry {
  const found = entries.get(name)
  if (found === undefined) throw new Error(`the state has no entry "${name}"`)
  return found
}

/** What a state's entries have in common, whether they can change or are frozen. `held` are the ones that can. */
export class Entries<Entry> {
  readonly frozen: FrozenWeights | null
  readonly held: Map<string, Entry>
  readonly #typeOf: (entry: Entry) => EntryType

  /** @throws Error for a name that means two things */
  constructor(held: Map<string, Entry>, typeOf: (entry: Entry) => EntryType, frozen: FrozenWeights | undefined) {
    this.held = held
    this.frozen = frozen ?? null
    this.#typeOf = typeOf
    for (const name of Object.keys(frozen?.tensors ?? {}))
      if (held.has(name)) throw new Error(`"${name}" is both an entry that changes and a frozen weight`)
  }
  /** @throws Error for a name that is taken */
  add(fresh: ReadonlyMap<string, Entry>): void {
    for (const name of fresh.keys())
      if (this.held.has(name) || this.frozen?.tensors[name]) throw new Error(`the state has an entry "${name}" already`)
    for (const [name, entry] of fresh) this.held.set(name, entry)
  }
  /** @returns the entries that went @throws Error for one that is frozen or not there */
  remove(names: readonly string[]): Entry[] {
    const gone = names.map((name) => this.writable(name))
    for (const name of names) this.held.delete(name)
    return gone
  }
  names(): string[] {
    return [...this.held.keys(), ...Object.keys(this.frozen?.tensors ?? {})]
  }
  typeOf(name: string): EntryType {
    const weight = this.frozen?.tensors[name]
    return weight ? { shape: weight.shape, dtype: 'float32' } : this.#typeOf(entryOf(this.held, name))
  }
  /** The numbers of a frozen weight, or null for an entry that can change. */
  readFrozen(name: string): Promise<HostTensor> | null {
    return this.frozen?.tensors[name] ? readFrozen(this.frozen, name) : null
  }
  /** The entry to be written. @throws Error if there is none, or if it is frozen */
  writable(name: string): Entry {
    if (this.frozen?.tensors[name]) throw new Error(`"${name}" is a frozen weight and cannot be written`)
    return entryOf(this.held, name)
  }
}

export const copyOf = (tensor: HostTensor): HostTensor => ({ ...tensor, data: tensor.data.slice() as Data })

/** Outputs of a graph that replace entries of a state. @throws ShapeError for one of another shape or type than its entry */
export function replacedEntries(graph: Graph, state: State): { output: string; entry: string; value: Value }[] {
  return graph.outputs.flatMap(({ name, value }) => {
    if (!name.startsWith(STATE_PREFIX)) return []
    const entry = name.slice(STATE_PREFIX.length)
    if (state.frozen?.tensors[entry])
      throw new ShapeError(`"${entry}" is a frozen weight, which no program can replace; leave it out of the outputs`)
    checkType(name, state.typeOf(entry), value)
    return [{ output: name, entry, value }]
  })
}

/** Prefix of the outputs that replace an entry of the state. */
export const STATE_PREFIX = 'state:'

/** @throws ShapeError naming the input, what it is and what it should be */
export function checkInput(
  name: string,
  got: HostTensor | undefined,
  shape: readonly number[],
  dtype: Dtype,
): HostTensor {
  if (!got) throw new ShapeError(`input "${name}" is missing; the program wants ${dtype}[${shape}]`)
  checkType(name, got, { shape, dtype })
  return got
}

function checkType(name: string, got: EntryType, { shape, dtype }: EntryType): void {
  if (got.dtype !== dtype || got.shape.length !== shape.length || got.shape.some((size, axis) => size !== shape[axis]))
    throw new ShapeError(
      `input "${name}" is ${got.dtype}[${got.shape}], but the program was compiled for ${dtype}[${shape}]`,
    )
}

export const float32 = (data: Float32Array, shape: readonly number[]): HostTensor => ({ data, shape, dtype: 'float32' })
export const int32 = (data: Int32Array, shape: readonly number[]): HostTensor => ({ data, shape, dtype: 'int32' })
export const scalar = (value: number): HostTensor => float32(Float32Array.of(value), [])

/** An output's float32 data. @throws Error if the program has no such output of that type */
export function floats(outputs: Readonly<Record<string, HostTensor>>, name: string): Float32Array {
  const data = outputs[name]?.data
  if (data instanceof Float32Array) return data
  throw new Error(`the program has no float32 output "${name}"; it has ${Object.keys(outputs).join(', ')}`)
}

/** An output's int32 data. @throws Error if the program has no such output of that type */
export function ints(outputs: Readonly<Record<string, HostTensor>>, name: string): Int32Array {
  const data = outputs[name]?.data
  if (data instanceof Int32Array) return data
  throw new Error(`the program has no int32 output "${name}"; it has ${Object.keys(outputs).join(', ')}`)
}

/** An output of one number. */
export const number = (outputs: Readonly<Record<string, HostTensor>>, name: string): number =>
  floats(outputs, name)[0] as number
