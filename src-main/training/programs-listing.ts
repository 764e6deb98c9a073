import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { ParameterSpecs } from '../engine/initialise.ts'
import type { Graph } from '../engine/ir.ts'
import { prefixed } from '../engine/parameters.ts'
import { optimise } from '../engine/passes/optimise.ts'
import { countKernels, listGraph } from '../engine/print.ts'
import {
  copyOf,
  type EntryType,
  entryOf,
  float32,
  type HostTensor,
  type Runtime,
  type State,
} from '../engine/runtimes/runtime.ts'
import { languageParameters } from '../language/language-parameters.ts'
import { openNetworks } from './stage-one/networks.ts'
import { compileStageOne } from './stage-one/programs.ts'
import { initialState } from './stage-one/state.ts'

/** A program of a run as the engine sees it. */
export interface ProgramListing {
  program: string
  /** As it was traced, and after the passes. */
  traced: string
  optimised: string
  calls: { traced: number; optimised: number }
  /** Calls of each kernel after the passes, the most frequent first. */
  kernels: { kernel: string; count: number }[]
}

/** The programs of a run, traced but loaded into no runtime. @param vocabulary tokens of the language model, which size the tables */
export async function listPrograms(config: ExperimentConfig, vocabulary: number): Promise<ProgramListing[]> {
  const graphs: { program: string; graph: Graph }[] = []
  const runtime: Runtime = {
    name: 'listing',
    createState: (initial) => new ListedState(initial),
    load: async (graph, program) => {
      graphs.push({ program, graph })
      const refuse = async () => {
        throw new Error(`"${program}" was traced to be listed, not to be run`)
      }
      return { run: refuse, dispose: async () => {} }
    },
  }
  const language = languageParameters(config, { ...config.language, untied: !config.language.tied }, vocabulary)
  const entries = initialState(config, { vocabulary, initial: withoutValues(language.held), learns: language.learns })
  const state = runtime.createState({ ...entries, ...prefixed(withoutValues(language.frozen), 'language') })
  const programs = await compileStageOne(config, runtime, state, language, await openNetworks(config))
  // Steps that are compiled when they are first taken stand first all the same.
  const others = graphs.splice(0)
  await programs.tokenizerStep.prepare()
  await programs.adversarialStep?.prepare()
  graphs.push(...others)
  for (const rare of [programs.restart, programs.features, programs.assign, programs.products]) await rare?.prepare()
  return graphs.map(({ program, graph }) => {
    const optimised = optimise(graph)
    return {
      program,
      traced: listGraph(graph),
      optimised: listGraph(optimised),
      calls: { traced: graph.nodes.length, optimised: optimised.nodes.length },
      kernels: countKernels(optimised),
    }
  })
}

/** Parameters of which only the shapes are asked for. */
const withoutValues = (specs: ParameterSpecs): Record<string, HostTensor> =>
  Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, float32(new Float32Array(0), shape)]))

class ListedState implements State {
  readonly frozen = null
  readonly #entries: Map<string, HostTensor>
  constructor(initial: Record<string, HostTensor>) {
    this.#entries = new Map(Object.entries(initial))
  }
  names = () => [...this.#entries.keys()]
  typeOf = (name: string): EntryType => entryOf(this.#entries, name)
  read = async (name: string): Promise<HostTensor> => copyOf(entryOf(this.#entries, name))
  write = async (name: string): Promise<void> => {
    throw new Error(`the state of a listing is not written to ("${name}")`)
  }
  add(entries: Record<string, HostTensor>): void {
    for (const [name, tensor] of Object.entries(entries)) this.#entries.set(name, tensor)
  }
  remove(names: readonly string[]): void {
    for (const name of names) this.#entries.delete(name)
  }
}
