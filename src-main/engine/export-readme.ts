import { type Dtype, sizeOf } from './ir.ts'
import { OPERATOR_SET } from './onnx-builder.ts'

interface Type {
  shape: readonly number[]
  dtype?: Dtype
}
interface Described {
  range: string
  meaning: string
}

/** An exported function, as its README tells it. */
export interface DescribedFunction {
  name: string
  about: string
  inputs: Readonly<Record<string, Type & Described>>
  outputs: Readonly<Record<string, Described>>
  /** Of the outputs. */
  types: Readonly<Record<string, Type>>
  isExternal: boolean
  weightCount: number
  weightBytes: number
}

/**
 * README.md of a folder of exported functions; its programs run as they stand.
 * @param extensions domains of operators beyond the standard
 */
export function exportReadme(
  title: string,
  functions: readonly DescribedFunction[],
  extensions: readonly string[],
): string {
  const files = functions.map(({ name }) => `\`${name}.onnx\``).join(', ')
  const beyond = extensions.length > 0 ? ` and onnxruntime's own (${extensions.join(', ')})` : ''
  return `# ${title}

${files}: ONNX files with operators of set ${OPERATOR_SET}${beyond}, for onnxruntime in any language. Every shape is fixed, the batch too: it is part of what the graph was made for, so another batch needs another export.

${functions.map(section).join('\n')}`
}

const TYPES: Record<Dtype, { numpy: string; array: string }> = {
  float32: { numpy: 'np.float32', array: 'Float32Array' },
  int32: { numpy: 'np.int32', array: 'Int32Array' },
  bool: { numpy: 'np.bool_', array: 'Uint8Array' },
}

const shapeOf = ({ shape }: Type): string => `[${shape.join(', ')}]`
const typeOf = ({ dtype = 'float32' }: Type): Dtype => dtype

function section({ name, about, inputs, outputs, types, isExternal, weightCount, weightBytes }: DescribedFunction) {
  const size = `${weightCount} weights, ${(weightBytes / 1e6).toFixed(1)} MB`
  const place = isExternal ? `in \`${name}.onnx.data\`, which must stay beside it` : 'inside the file'
  const rows = [
    ...Object.entries(inputs).map(([key, input]) => row('input', key, input, input)),
    ...Object.entries(outputs).map(([key, output]) => row('output', key, types[key] as Type, output)),
  ]
  return `## ${name}.onnx

${about}

${size}, ${place}.

| | name | type | shape | range | meaning |
|---|---|---|---|---|---|
${rows.join('\n')}

Python:

\`\`\`python
import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("${name}.onnx", providers=["CPUExecutionProvider"])
inputs = {
${Object.entries(inputs).map(pythonInput).join('\n')}
}
for output, value in zip(session.get_outputs(), session.run(None, inputs)):
    print(output.name, value.dtype, value.shape)
\`\`\`

Node:

\`\`\`js
import * as ort from 'onnxruntime-node'

const session = await ort.InferenceSession.create('${name}.onnx')
const inputs = {
${Object.entries(inputs).map(nodeInput).join('\n')}
}
for (const [name, { type, dims }] of Object.entries(await session.run(inputs))) console.log(name, type, dims)
\`\`\`
`
}

/** A bar would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

const row = (kind: string, name: string, type: Type, { range, meaning }: Described): string =>
  `| ${kind} | \`${name}\` | ${typeOf(type)} | ${shapeOf(type)} | ${cell(range)} | ${cell(meaning)} |`

function pythonInput([name, input]: [string, Type]): string {
  const sizes = input.shape.length === 1 ? `${input.shape[0]},` : input.shape.join(', ')
  return `    ${JSON.stringify(name)}: np.zeros((${sizes}), ${TYPES[typeOf(input)].numpy}),`
}

function nodeInput([name, input]: [string, Type]): string {
  const type = typeOf(input)
  return `  ${JSON.stringify(name)}: new ort.Tensor('${type}', new ${TYPES[type].array}(${sizeOf(input.shape)}), ${shapeOf(input)}),`
}
