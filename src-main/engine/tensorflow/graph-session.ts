import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { explain, type TensorflowAddon } from './addon.ts'
import type { CallList } from './calls.ts'
import type { Computation } from './computation.ts'
import { SAVED_MODEL_TAG, type SavedModel, toSavedModel } from './saved-model.ts'

/** Runs a call list as one graph in a session of its own. On the processor nothing is copied on the way in or out. */
export class GraphSession implements Computation {
  readonly reads: readonly string[]
  readonly #addon: TensorflowAddon
  readonly #session: number
  readonly #model: Omit<SavedModel, 'bytes'>
  readonly #fed: string
  readonly #fetched: string

  constructor(addon: TensorflowAddon, calls: CallList) {
    this.#addon = addon
    const { bytes, ...model } = toSavedModel(calls)
    this.#model = model
    this.reads = model.inputs.map(({ name }) => name)
    this.#fed = model.inputs.map(({ tensor }) => tensor).join()
    this.#fetched = model.outputs.map(({ tensor }) => tensor).join()
    // TensorFlow takes a graph from a folder only, and has read all of it when it comes back.
    const folder = mkdtempSync(join(tmpdir(), 'workbench-graph-'))
    try {
      writeFileSync(join(folder, 'saved_model.pb'), bytes)
      this.#session = addon.loadSavedModel(folder, SAVED_MODEL_TAG)
    } catch (cause) {
      throw this.#explain(cause)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  run(tensors: ReadonlyMap<string, number>): Map<string, number> {
    const given = this.reads.map((name) => tensors.get(name) as number)
    try {
      const made = this.#addon.runSavedModel(this.#session, given, this.#fed, this.#fetched)
      return new Map(this.#model.outputs.map(({ name }, index) => [name, (made[index] as { id: number }).id]))
    } catch (cause) {
      throw this.#explain(cause)
    }
  }

  /** TensorFlow names the node that failed as {{node n12}}. */
  #explain(cause: unknown): Error {
    const node = /\{\{node (n\d+)/.exec((cause as Error).message)?.[1] ?? ''
    return explain(cause, this.#model.origins.get(node) ?? '')
  }

  dispose(): void {
    this.#addon.deleteSavedModel(this.#session)
  }
}
