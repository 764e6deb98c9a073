import { type AddonAttribute, explain, type TensorflowAddon, TF_ATTRIBUTE, TF_TYPE } from './addon.ts'
import type { Call, CallAttribute, CallList } from './calls.ts'
import type { Computation } from './computation.ts'

interface Step {
  operation: string
  attributes: AddonAttribute[]
  inputs: number[]
  outputs: number[]
  /** Slots that nothing reads after this step. */
  released: number[]
  origin: string
}

/** Makes the calls one after the other. A tensor that no output needs goes at its last use. */
export class EagerCalls implements Computation {
  readonly reads: readonly string[]
  readonly #addon: TensorflowAddon
  readonly #inputs: CallList['inputs']
  readonly #outputs: CallList['outputs']
  readonly #steps: Step[]
  /** Tensors of constants by slot; they stay. */
  readonly #constants = new Map<number, number>()

  constructor(addon: TensorflowAddon, { inputs, constants, calls, outputs }: CallList) {
    this.#addon = addon
    this.#inputs = inputs
    this.#outputs = outputs
    this.reads = inputs.map(({ name }) => name)
    for (const { slot, shape, data } of constants)
      this.#constants.set(slot.id, addon.createTensor(shape, TF_TYPE[slot.dtype], data.slice() as typeof data))
    this.#steps = stepsOf(calls, new Set(outputs.map(({ slot }) => slot.id)))
  }

  run(tensors: ReadonlyMap<string, number>): Map<string, number> {
    const known = new Map(this.#constants)
    for (const { name, slot } of this.#inputs) known.set(slot.id, tensors.get(name) as number)
    const live = new Set<number>()
    try {
      for (const step of this.#steps) this.#make(step, known, live)
    } catch (error) {
      for (const tensor of live) this.#addon.deleteTensor(tensor)
      throw error
    }
    return new Map(this.#outputs.map(({ name, slot }) => [name, known.get(slot.id) as number]))
  }

  #make(step: Step, known: Map<number, number>, live: Set<number>): void {
    const inputs = step.inputs.map((slot) => known.get(slot) as number)
    let made: { id: number }[]
    try {
      made = this.#addon.executeOp(step.operation, step.attributes, inputs, step.outputs.length)
    } catch (cause) {
      throw explain(cause, step.origin)
    }
    for (const [index, slot] of step.outputs.entries()) {
      const { id } = made[index] as { id: number }
      known.set(slot, id)
      live.add(id)
    }
    for (const slot of step.released) {
      const tensor = known.get(slot) as number
      this.#addon.deleteTensor(tensor)
      live.delete(tensor)
    }
  }

  dispose(): void {
    for (const tensor of this.#constants.values()) this.#addon.deleteTensor(tensor)
    this.#constants.clear()
  }
}

function stepsOf(calls: readonly Call[], handedOut: ReadonlySet<number>): Step[] {
  const made = new Set(calls.flatMap((call) => call.outputs.map(({ id }) => id)))
  const lastUse = new Map<number, number>()
  for (const [at, { inputs, outputs }] of calls.entries())
    for (const { id } of [...outputs, ...inputs]) if (made.has(id) && !handedOut.has(id)) lastUse.set(id, at)
  const released = calls.map((): number[] => [])
  for (const [slot, at] of lastUse) released[at]?.push(slot)
  return calls.map(({ operation, inputs, attributes, outputs, origin }, at) => ({
    operation,
    attributes: Object.entries(attributes).map(([name, value]) => ({ name, ...attribute(value) })),
    inputs: inputs.map(({ id }) => id),
    outputs: outputs.map(({ id }) => id),
    released: released[at] as number[],
    origin,
  }))
}

function attribute(value: CallAttribute): Pick<AddonAttribute, 'type' | 'value'> {
  if (typeof value === 'string') return { type: TF_ATTRIBUTE.type, value: TF_TYPE[value] }
  if (typeof value === 'boolean') return { type: TF_ATTRIBUTE.boolean, value }
  if ('word' in value) return { type: TF_ATTRIBUTE.word, value: value.word }
  if ('whole' in value) return { type: TF_ATTRIBUTE.whole, value: value.whole }
  if ('fraction' in value) return { type: TF_ATTRIBUTE.fraction, value: value.fraction }
  return { type: TF_ATTRIBUTE.whole, value: value.wholes }
}
