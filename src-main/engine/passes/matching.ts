import { type Graph, type Node, nextId, type Value, ValueFactory } from '../ir.ts'
import { kernelRules } from '../kernels.ts'
import { ownRules } from '../operations/registry.ts'

/**
 * What to look for: a name stands for any value (the same one wherever the name comes again), a number for a scalar
 * constant, a call for the result of a kernel, either for the first term that is there.
 */
export type Term = string | { number: string } | Call | { either: readonly Term[] }
export interface Call {
  kernel: string
  inputs: readonly Term[]
  where: (node: Node) => boolean
  /** Which of the kernel's outputs. */
  output: number
}
export const call = (kernel: string, inputs: readonly Term[], where = (_: Node) => true, output = 0): Call => ({
  kernel,
  inputs,
  where,
  output,
})
export const either = (...terms: Term[]): Term => ({ either: terms })
export const numeric = (name: string): Term => ({ number: name })

/** Where a pattern was found. */
export interface Found {
  values: Readonly<Record<string, Value>>
  numbers: Readonly<Record<string, number>>
  nodes: readonly Node[]
}

/** A composition of plain kernels, and the operation of the engine that does the same. */
export interface Fusion {
  name: string
  root: readonly Call[]
  /** The nodes that take the root's place; the last one's outputs must begin with the root's. null: it does not fit. */
  build(found: Found, root: Node, values: ValueFactory): Node[] | null
}

const commutative = new Set(['Add', 'Multiply', 'Maximum', 'Minimum'])

/**
 * Puts operations of the engine in the place of the compositions that the fusions describe, the largest first. Only
 * where the pattern's nodes serve nothing else: a composition whose parts a gradient needs as well stays as it is.
 */
export function fuse(graph: Graph, fusions: readonly Fusion[]): Graph {
  return new Matcher(graph).run(fusions)
}

class Matcher {
  readonly #graph: Graph
  readonly #values: ValueFactory
  readonly #producers = new Map<number, Node>()
  readonly #readers = new Map<number, Set<Node>>()
  readonly #numbers = new Map<number, number>()
  readonly #outputs: ReadonlySet<number>
  readonly #replaced = new Map<Node, Node[]>()

  constructor(graph: Graph) {
    this.#graph = graph
    this.#values = new ValueFactory(nextId(graph))
    this.#outputs = new Set(graph.outputs.map(({ value }) => value.id))
    for (const { value, data } of graph.constants) if (data.length === 1) this.#numbers.set(value.id, data[0] as number)
    for (const node of graph.nodes) {
      for (const value of node.outputs) this.#producers.set(value.id, node)
      for (const { id } of node.inputs) this.#readers.set(id, (this.#readers.get(id) ?? new Set()).add(node))
      const [output] = node.outputs
      if (node.kernel === 'Fill' && output) this.#numbers.set(output.id, Number(node.attributes.value))
    }
  }

  run(fusions: readonly Fusion[]): Graph {
    for (const node of this.#graph.nodes.toReversed())
      if (!this.#replaced.has(node)) for (const fusion of fusions) if (this.#tryAt(node, fusion)) break
    const nodes = this.#graph.nodes.flatMap((node) => this.#replaced.get(node) ?? [node])
    return { ...this.#graph, nodes }
  }

  #tryAt(root: Node, fusion: Fusion): boolean {
    for (const term of fusion.root) {
      if (term.kernel !== root.kernel || !root.outputs[0]) continue
      for (const found of this.#match(term, root.outputs[0], { values: {}, numbers: {}, nodes: [] })) {
        const inside = new Set(found.nodes)
        if (!this.#servesNothingElse(inside, root)) continue
        const built = fusion.build(found, root, this.#values)
        if (!built?.every(fits)) continue
        for (const node of inside) this.#replaced.set(node, node === root ? built : [])
        return true
      }
    }
    return false
  }

  #servesNothingElse(inside: ReadonlySet<Node>, root: Node): boolean {
    for (const node of inside) {
      if (this.#replaced.has(node)) return false
      if (node === root) continue
      for (const { id } of node.outputs) {
        if (this.#outputs.has(id)) return false
        for (const reader of this.#readers.get(id) ?? []) if (!inside.has(reader)) return false
      }
    }
    return true
  }

  *#match(term: Term, value: Value, found: Found): Generator<Found> {
    if (typeof term === 'string') {
      const bound = found.values[term]
      if (bound === undefined) yield { ...found, values: { ...found.values, [term]: value } }
      else if (bound.id === value.id) yield found
    } else if ('number' in term) {
      const number = this.#numbers.get(value.id)
      const bound = found.numbers[term.number]
      if (number !== undefined && (bound === undefined || bound === number))
        yield { ...found, numbers: { ...found.numbers, [term.number]: number } }
    } else if ('either' in term) {
      for (const choice of term.either) yield* this.#match(choice, value, found)
    } else {
      const node = this.#producers.get(value.id)
      if (node?.kernel !== term.kernel || node.outputs[term.output]?.id !== value.id || !term.where(node)) return
      if (node.inputs.length !== term.inputs.length) return
      const within = { ...found, nodes: [...found.nodes, node] }
      yield* this.#matchAll(term.inputs, node.inputs, within)
      if (commutative.has(node.kernel)) yield* this.#matchAll(term.inputs, node.inputs.toReversed(), within)
    }
  }

  *#matchAll(terms: readonly Term[], values: readonly Value[], found: Found): Generator<Found> {
    const [term, ...terms_] = terms
    const [value, ...values_] = values
    if (term === undefined || value === undefined) yield found
    else for (const next of this.#match(term, value, found)) yield* this.#matchAll(terms_, values_, next)
  }
}

/** True if the kernel takes these inputs and gives the types that its outputs have. */
function fits(node: Node): boolean {
  try {
    const types = { ...kernelRules, ...ownRules }[node.kernel]?.infer(node.inputs, node.attributes) ?? []
    const text = (all: readonly { shape: readonly number[]; dtype: string }[]) =>
      all.map(({ shape, dtype }) => `${dtype}[${shape}]`).join()
    return text(types) === text(node.outputs)
  } catch {
    return false
  }
}
