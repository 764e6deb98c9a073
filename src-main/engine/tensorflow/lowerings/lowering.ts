import type { Node, Value } from '../../ir.ts'
import type { CallBuilder, Slot } from '../calls.ts'

/** What a lowering may use: the calls under construction, and the slot of any IR value. */
export interface LoweringContext {
  tf: CallBuilder
  slot(value: Value): Slot
  /** What the lowering of a forward kernel leaves for its gradient, by kind and the id of a slot that both know. */
  kept: Map<string, Slot[]>
}

/** Turns one IR node into TensorFlow operations and returns the slots of its outputs. Maps are NHWC. */
export type Lowering = (node: Node, context: LoweringContext) => Slot[]

export { input, output } from '../../ir.ts'

/** The slots that a forward kernel kept for its gradient. @throws Error if the graph holds the gradient alone */
export function keptFor({ kept }: LoweringContext, what: string, { id }: Slot): Slot[] {
  const slots = kept.get(`${what} ${id}`)
  if (!slots) throw new Error(`the gradient of ${what} is used without it in the same graph`)
  return slots
}
