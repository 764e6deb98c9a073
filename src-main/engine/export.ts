import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportReadme } from './export-readme.ts'
import { byteLengthOf, placeWeights, readWeight, type Weight, writeWeights } from './export-weights.ts'
import type { Graph } from './ir.ts'
import { lower } from './lower.ts'
import { PORTABLE } from './lowerings/lowering.ts'
import type { WeightContent } from './onnx-builder.ts'
import { optimise } from './passes/optimise.ts'
import { type Spec, type Traced, trace } from './trace.ts'

/** What people must know of an input or an output besides its shape and type. */
export interface Description {
  /** Such as "0 to 1023" or "-1 to 1". */
  range: string
  meaning: string
}

/** A function that becomes an ONNX file of its own. */
export interface ExportedFunction {
  /** Of the file, without ".onnx". */
  name: string
  /** What it does, in a sentence or two. */
  about: string
  /** Takes inputs and weights by name. */
  step: Traced
  inputs: Readonly<Record<string, Spec & Description>>
  weights: Readonly<Record<string, Weight>>
  outputs: Readonly<Record<string, Description>>
}

export interface ExportOptions {
  folder: string
  /** Of the README. */
  title: string
  /**
   * True puts the weights into <name>.onnx.data, one at a time; false keeps them inside; 'auto' keeps them inside unless
   * the file would pass 2 GB, where its format ends.
   */
  external: boolean | 'auto'
}

/** Protobuf ends at 2 GiB; the graph itself takes far less than what is left here. */
const LARGEST_FILE = 2 ** 31 - 2 ** 26

export const modelFile = (name: string): string => `${name}.onnx`
export const weightsFile = (name: string): string => `${modelFile(name)}.data`
export const README = 'README.md'

/**
 * Writes each function as <name>.onnx, which onnxruntime opens from any language, and a README.md that tells their
 * inputs, outputs and how to run them. Files of the same names are replaced; one that cannot be finished is not left.
 * @returns paths of the files
 * @throws Error for a name that means two things, an input or output that is not described, and weights beyond 2 GB
 * that are to stay inside; what `trace` and the lowering throw
 */
export async function exportFunctions(
  functions: readonly ExportedFunction[],
  { folder, title, external }: ExportOptions,
): Promise<string[]> {
  const traced = functions.map((exported) => ({ ...exported, graph: graphOf(exported) }))
  const planned = traced.map((exported) => ({ ...exported, isExternal: isExternal(exported, external) }))
  mkdirSync(folder, { recursive: true })
  const files: string[] = []
  const extensions = new Set<string>()
  for (const { name, about, graph, weights, isExternal } of planned) {
    const used = usedWeights(graph, weights)
    const [model, data] = [join(folder, modelFile(name)), join(folder, weightsFile(name))]
    let contents: Map<string, WeightContent>
    if (isExternal) {
      contents = placeWeights(used, weightsFile(name))
      await finishing(data, (partial) => writeWeights(partial, used, contents))
      files.push(data)
    } else {
      contents = new Map()
      for (const [weightName, weight] of Object.entries(used))
        contents.set(weightName, { data: (await readWeight(weightName, weight)).data })
      // Of an export before this one.
      rmSync(data, { force: true })
    }
    const onnx = lower(graph, PORTABLE, contents)
    await finishing(model, async (partial) => writeFileSync(partial, onnx.encode(name, about)))
    for (const domain of onnx.extensions()) extensions.add(domain)
    files.push(model)
  }
  const readme = join(folder, README)
  const described = planned.map(({ graph, weights, ...rest }) => {
    const used = usedWeights(graph, weights)
    const types = Object.fromEntries(graph.outputs.map(({ name, value }) => [name, value]))
    return { ...rest, types, weightCount: Object.keys(used).length, weightBytes: byteLengthOf(used) }
  })
  writeFileSync(readme, exportReadme(title, described, [...extensions]))
  return [...files, readme]
}

/** As `exportFunctions`, of one function. */
export const exportFunction = (
  step: Traced,
  inputs: ExportedFunction['inputs'],
  weights: ExportedFunction['weights'],
  {
    name,
    about,
    outputs,
    ...options
  }: Pick<ExportedFunction, 'name' | 'about' | 'outputs'> & Omit<ExportOptions, 'title'>,
): Promise<string[]> => exportFunctions([{ name, about, step, inputs, weights, outputs }], { ...options, title: name })

function graphOf({ name, step, inputs, weights, outputs }: ExportedFunction): Graph {
  if (!/^[\w-][\w.-]*$/.test(name))
    throw new Error(`"${name}" cannot be the name of a file; use letters, digits, "-", "_" and "."`)
  const specs: Record<string, Spec> = {}
  for (const [input, { shape, dtype }] of Object.entries(inputs)) specs[input] = dtype ? { shape, dtype } : { shape }
  for (const [weight, { shape, dtype }] of Object.entries(weights)) {
    if (weight in inputs) throw new Error(`"${weight}" is both an input and a weight of "${name}"`)
    specs[weight] = { shape, dtype }
  }
  const graph = optimise(trace(step, specs))
  for (const output of graph.outputs) {
    if (output.name in specs)
      throw new Error(`"${output.name}" is both an input and an output of "${name}"; rename the output`)
    if (!(output.name in outputs))
      throw new Error(`the output "${output.name}" of "${name}" is not described; give its range and meaning`)
  }
  for (const described of Object.keys(outputs))
    if (!graph.outputs.some((output) => output.name === described))
      throw new Error(
        `"${name}" has no output "${described}"; it has ${graph.outputs.map((output) => output.name).join(', ')}`,
      )
  const unused = new Set(Object.keys(weights))
  for (const used of Object.keys(usedWeights(graph, weights))) unused.delete(used)
  return { ...graph, inputs: graph.inputs.filter((input) => !unused.has(input.name)) }
}

/** The weights that some output depends on. */
function usedWeights(graph: Graph, weights: ExportedFunction['weights']): Record<string, Weight> {
  const read = new Set([...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map(({ value }) => value)])
  const used: Record<string, Weight> = {}
  for (const { name, value } of graph.inputs) {
    const weight = weights[name]
    if (weight && read.has(value)) used[name] = weight
  }
  return used
}

function isExternal(
  { name, graph, weights }: ExportedFunction & { graph: Graph },
  external: boolean | 'auto',
): boolean {
  const constants = graph.constants.reduce((sum, { data }) => sum + data.byteLength, 0)
  const bytes = byteLengthOf(usedWeights(graph, weights)) + constants
  if (external === false && bytes > LARGEST_FILE)
    throw new Error(
      `the weights of "${name}" take ${bytes} bytes, but an ONNX file ends at ${2 ** 31}; put them into a file of their own (external)`,
    )
  return external === 'auto' ? bytes > LARGEST_FILE : external
}

/** Writes to a name beside it first, so that the file is whole or not there. */
async function finishing(path: string, write: (partial: string) => Promise<void>): Promise<void> {
  const partial = `${path}.partial`
  try {
    await write(partial)
    renameSync(partial, path)
  } catch (cause) {
    rmSync(partial, { force: true })
    throw cause
  }
}
