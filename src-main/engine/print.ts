import { type Attribute, type Data, type Graph, type Node, printType, type Value } from './ir.ts'

/**
 * A long graph for people to read. Inputs are called by their names and single numbers are written out where they are
 * used; calls stand below the model line that they come from, in columns; attributes that say nothing (defaults, and
 * what the result's type shows already) are left out. printGraph has every detail instead.
 */
export function listGraph(graph: Graph): string {
  const names = namesOf(graph)
  const call = (value: Value): string => names.get(value.id) ?? `%${value.id}`
  const sections = [
    section('inputs', columns(graph.inputs.map(({ name, value }) => [name, printType(value)]))),
    section(
      'constants',
      columns(
        graph.constants
          .filter(({ value }) => !names.has(value.id))
          .map(({ value, data }) => [call(value), printType(value), shorten(data)]),
      ),
    ),
    ...byModelLine(graph.nodes.filter((node) => !isNumber(node))).map(({ source, nodes }) =>
      section(source, columns(nodes.flatMap((node) => rowsOf(node, call)))),
    ),
    section('outputs', columns(graph.outputs.map(({ name, value }) => [name, printType(value), `= ${call(value)}`]))),
  ]
  return sections.filter((text) => text !== '').join('\n')
}

/** Inputs by name, and single numbers by what they are. */
function namesOf(graph: Graph): Map<number, string> {
  const names = new Map<number, string>()
  for (const { name, value } of graph.inputs) names.set(value.id, name)
  for (const { value, data } of graph.constants) if (data.length === 1) names.set(value.id, numeral(data[0] as number))
  for (const node of graph.nodes)
    if (isNumber(node)) names.set((node.outputs[0] as Value).id, numeral(Number(node.attributes.value)))
  return names
}

const isNumber = ({ kernel, outputs }: Node): boolean => kernel === 'Fill' && outputs[0]?.shape.length === 0

/** As short as float32 allows. */
const numeral = (value: number): string => `${Number(value.toPrecision(7))}`

const LONGEST_SHOWN = 6
const shorten = (data: Data): string => {
  const shown = Array.from(data.subarray(0, LONGEST_SHOWN), numeral).join(', ')
  return `= ${shown}${data.length > LONGEST_SHOWN ? `, … (${data.length})` : ''}`
}

const NO_LINE = '(added by a pass)'

function byModelLine(nodes: readonly Node[]): { source: string; nodes: Node[] }[] {
  const groups: { source: string; nodes: Node[] }[] = []
  for (const node of nodes) {
    const source = node.source || groups.at(-1)?.source || NO_LINE
    const last = groups.at(-1)
    if (last?.source === source) last.nodes.push(node)
    else groups.push({ source, nodes: [node] })
  }
  return groups
}

/** One row for each output; the call stands in the first. */
function rowsOf(node: Node, call: (value: Value) => string): string[][] {
  const attributes = attributesOf(node)
  const text = `${node.kernel}(${node.inputs.map(call).join(', ')})${attributes && `  ${attributes}`}`
  return node.outputs.map((value, index) => [call(value), printType(value), index === 0 ? text : '〃'])
}

/** Attributes that the type of the result tells. */
const told: Readonly<Record<string, readonly string[]>> = {
  Reshape: ['shape'],
  BroadcastTo: ['shape'],
  Fill: ['shape', 'dtype'],
  Cast: ['dtype'],
  ExpandDims: ['dim'],
  OneHot: ['dtype', 'depth'],
  UnsortedSegmentSum: ['numSegments'],
  Conv2DBackpropInput: ['inputShape'],
  DepthwiseConv2dNativeBackpropInput: ['inputShape'],
  Conv2DBackpropFilter: ['filterShape'],
  ResizeNearestNeighbor: ['size'],
}
const defaults: Readonly<Record<string, string>> = {
  dataFormat: 'NHWC',
  dilations: '[1,1]',
  strides: '1',
  batchDims: '0',
  onValue: '1',
  offValue: '0',
  constantValue: '0',
}

function attributesOf({ kernel, attributes }: Node): string {
  return Object.entries(attributes)
    .filter(([key, value]) => !told[kernel]?.includes(key) && value !== null && value !== false)
    .map(([key, value]) => [key, attributeText(value)] as const)
    .filter(([key, text]) => defaults[key] !== text)
    .map(([key, text]) => (text === 'true' ? key : `${key}=${text}`))
    .join(' ')
}

function attributeText(value: Attribute): string {
  if (typeof value === 'number') return numeral(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const section = (title: string, rows: readonly string[]): string =>
  rows.length === 0 ? '' : [title, ...rows.map((row) => `  ${row}`)].join('\n')

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** How many calls of each kernel, the most frequent first: what a pass did to a graph, at a glance. */
export function countKernels(graph: Graph): { kernel: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const { kernel } of graph.nodes) counts.set(kernel, (counts.get(kernel) ?? 0) + 1)
  return [...counts]
    .map(([kernel, count]) => ({ kernel, count }))
    .sort((a, b) => b.count - a.count || (a.kernel < b.kernel ? -1 : 1))
}
