import type { Dtype } from '../ir.ts'
import { bytesOf, type Call, type CallAttribute, type CallList, type Constant, type Slot } from './calls.ts'
import { bytes, type Field, float, message, text, whole, wholes } from './protobuf.ts'

/**
 * A call list as a SavedModel (tensorflow/core/protobuf/saved_model.proto and the messages it is made of), which is how
 * TensorFlow takes a whole graph at once.
 */
export interface SavedModel {
  bytes: Uint8Array
  /** Names of the graph's tensors that inputs are given to, in the order of the list's inputs that a call reads. */
  inputs: { name: string; tensor: string }[]
  /** Names of the graph's tensors that hold the outputs, in the order of the list's outputs. */
  outputs: { name: string; tensor: string }[]
  /** Name of a node in the graph → what it was made for. */
  origins: ReadonlyMap<string, string>
}

export const SAVED_MODEL_TAG = 'serve'

/** tensorflow/core/framework/types.proto */
const DATA_TYPE: Record<Dtype, number> = { float32: 1, int32: 3, bool: 10 }

/** The version of GraphDef that TensorFlow 2.21 writes; later ones read it. */
const PRODUCER = 2000

export function toSavedModel({ inputs, constants, calls, outputs }: CallList): SavedModel {
  const read = new Set(calls.flatMap((call) => call.inputs.map(({ id }) => id)))
  const fed = inputs.filter(({ slot }) => read.has(slot.id))
  const tensors = new Map<number, string>()
  const origins = new Map<string, string>()
  const nodes: Field[] = []

  for (const [index, { slot }] of fed.entries()) {
    tensors.set(slot.id, `i${index}:0`)
    nodes.push(node(`i${index}`, 'Placeholder', [], { dtype: type(slot.dtype) }))
  }
  for (const [index, constant] of constants.entries()) {
    const { slot } = constant
    tensors.set(slot.id, `c${index}:0`)
    nodes.push(node(`c${index}`, 'Const', [], { dtype: type(slot.dtype), value: tensorValue(constant) }))
  }
  const tensor = ({ id }: Slot): string => tensors.get(id) as string
  for (const [index, call] of calls.entries()) {
    const name = `n${index}`
    for (const [at, { id }] of call.outputs.entries()) tensors.set(id, `${name}:${at}`)
    origins.set(name, call.origin)
    nodes.push(node(name, call.operation, call.inputs.map(tensor), attributes(call)))
  }

  const graph = message(...nodes.map((encoded) => bytes(1, encoded)), bytes(4, message(whole(1, PRODUCER))))
  const metaGraph = message(bytes(1, message(text(4, SAVED_MODEL_TAG))), bytes(2, graph))
  return {
    bytes: message(whole(1, 1), bytes(2, metaGraph)),
    inputs: fed.map(({ name, slot }) => ({ name, tensor: tensor(slot) })),
    outputs: outputs.map(({ name, slot }) => ({ name, tensor: tensor(slot) })),
    origins,
  }
}

/** NodeDef; attributes are encoded AttrValues. */
const node = (name: string, operation: string, inputs: string[], attributes: Record<string, Uint8Array>): Uint8Array =>
  message(
    text(1, name),
    text(2, operation),
    ...inputs.map((input) => text(3, input)),
    ...Object.entries(attributes).map(([key, value]) => bytes(5, message(text(1, key), bytes(2, value)))),
  )

const attributes = (call: Call): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(call.attributes).map(([name, value]) => [name, attribute(value)]))

// AttrValue: list 1, s 2, i 3, f 4, b 5, type 6, tensor 8; ListValue: i 3.
const type = (dtype: Dtype): Uint8Array => message(whole(6, DATA_TYPE[dtype]))

function attribute(value: CallAttribute): Uint8Array {
  if (typeof value === 'string') return type(value)
  if (typeof value === 'boolean') return message(whole(5, value ? 1 : 0))
  if ('word' in value) return message(text(2, value.word))
  if ('whole' in value) return message(whole(3, value.whole))
  if ('fraction' in value) return message(float(4, value.fraction))
  return message(bytes(1, value.wholes.length === 0 ? message() : message(wholes(3, value.wholes))))
}

// TensorProto: dtype 1, tensor_shape 2, tensor_content 4; TensorShapeProto: dim 2, of size 1.
function tensorValue(constant: Constant): Uint8Array {
  const shape = message(...constant.shape.map((size) => bytes(2, message(whole(1, size)))))
  return message(
    bytes(8, message(whole(1, DATA_TYPE[constant.slot.dtype]), bytes(2, shape), bytes(4, bytesOf(constant)))),
  )
}
