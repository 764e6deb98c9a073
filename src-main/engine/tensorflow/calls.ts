import { type Data, type Dtype, sizeOf } from '../ir.ts'

/**
 * A step as a flat list of TensorFlow operations over numbered slots: what both ways of running it start from. The
 * eager way makes one call after the other; the other way writes them all into one graph.
 */
export interface CallList {
  inputs: { name: string; slot: Slot }[]
  constants: Constant[]
  calls: Call[]
  /** Each slot is the output of a call, and of one output only. */
  outputs: { name: string; slot: Slot }[]
}

/** A tensor's place, unique in one list. */
export interface Slot {
  readonly id: number
  readonly dtype: Dtype
}

export interface Constant {
  slot: Slot
  shape: readonly number[]
  data: Data
}

export interface Call {
  operation: string
  inputs: Slot[]
  attributes: Record<string, CallAttribute>
  outputs: Slot[]
  /** The kernel of the IR that the call belongs to, with its shapes and model line; for error messages. */
  origin: string
}

/** A bare word is a type; words, whole numbers and fractions are told apart. */
export type CallAttribute =
  | Dtype
  | boolean
  | { word: string }
  | { whole: number }
  | { wholes: readonly number[] }
  | { fraction: number }

/** Collects calls in order. Small constants that are equal are kept once. */
export class CallBuilder {
  readonly #inputs: CallList['inputs'] = []
  readonly #constants: Constant[] = []
  readonly #calls: Call[] = []
  readonly #shared = new Map<string, Slot>()
  #next = 0
  /** Given to the calls that follow. */
  origin = ''

  #slot = (dtype: Dtype): Slot => ({ id: this.#next++, dtype })

  input(name: string, dtype: Dtype): Slot {
    const slot = this.#slot(dtype)
    this.#inputs.push({ name, slot })
    return slot
  }

  /** Adds a call with one output. */
  call(operation: string, dtype: Dtype, inputs: Slot[], attributes: Record<string, CallAttribute> = {}): Slot {
    return this.calls(operation, [dtype], inputs, attributes)[0] as Slot
  }

  /** Adds a call with one output of each given type. */
  calls(operation: string, dtypes: Dtype[], inputs: Slot[], attributes: Record<string, CallAttribute> = {}): Slot[] {
    const outputs = dtypes.map(this.#slot)
    this.#calls.push({ operation, inputs, attributes, outputs, origin: this.origin })
    return outputs
  }

  constant(data: Data, shape: readonly number[], dtype: Dtype): Slot {
    const slot = this.#slot(dtype)
    this.#constants.push({ slot, shape, data })
    return slot
  }

  /** int32 vector, as shapes, axes and sizes are given. */
  wholes(values: readonly number[]): Slot {
    return this.once(`wholes ${values}`, () => this.constant(Int32Array.from(values), [values.length], 'int32'))
  }

  scalar(value: number, dtype: Dtype = 'float32'): Slot {
    return this.once(`${dtype} ${Object.is(value, -0) ? '-0' : value}`, () => {
      const kinds = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }
      return this.constant(kinds[dtype].of(value), [], dtype)
    })
  }

  /** What was made under that key before, or else is made now. */
  once(key: string, make: () => Slot): Slot {
    const slot = this.#shared.get(key) ?? make()
    this.#shared.set(key, slot)
    return slot
  }

  // What almost every lowering needs.

  binary = (operation: string, a: Slot, b: Slot): Slot => this.call(operation, a.dtype, [a, b], { T: a.dtype })
  add = (a: Slot, b: Slot): Slot => this.binary('AddV2', a, b)
  subtract = (a: Slot, b: Slot): Slot => this.binary('Sub', a, b)
  multiply = (a: Slot, b: Slot): Slot => this.binary('Mul', a, b)
  unary = (operation: string, x: Slot): Slot => this.call(operation, x.dtype, [x], { T: x.dtype })

  cast(x: Slot, dtype: Dtype): Slot {
    return x.dtype === dtype ? x : this.call('Cast', dtype, [x], { SrcT: x.dtype, DstT: dtype, Truncate: false })
  }

  reshape(x: Slot, shape: readonly number[]): Slot {
    return this.call('Reshape', x.dtype, [x, this.wholes(shape)], { T: x.dtype, Tshape: 'int32' })
  }

  /** Sum, Mean, Max or Min over axes. */
  reduce(operation: string, x: Slot, axes: readonly number[], keepDims = false): Slot {
    return this.call(operation, x.dtype, [x, this.wholes(axes)], { T: x.dtype, Tidx: 'int32', keep_dims: keepDims })
  }

  /** The list with the calls that an output needs. */
  finish(outputs: { name: string; slot: Slot }[]): CallList {
    const made = new Set(this.#calls.flatMap((call) => call.outputs.map(({ id }) => id)))
    this.origin = ''
    const own = outputs.map(({ name, slot }) => {
      // An input, a constant or another output's slot is handed out under a slot of its own.
      if (made.delete(slot.id)) return { name, slot }
      return { name, slot: this.unary('Identity', slot) }
    })
    const needed = new Set(own.map(({ slot }) => slot.id))
    const calls = this.#calls
      .toReversed()
      .filter((call) => {
        if (!call.outputs.some(({ id }) => needed.has(id))) return false
        for (const { id } of call.inputs) needed.add(id)
        return true
      })
      .reverse()
    return {
      inputs: this.#inputs,
      constants: this.#constants.filter(({ slot }) => needed.has(slot.id)),
      calls,
      outputs: own,
    }
  }
}

export const bytesOf = ({ data, shape }: Constant): Uint8Array => {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  if (data.length !== sizeOf(shape)) throw new Error(`a constant of ${data.length} elements does not fill [${shape}]`)
  return bytes
}
