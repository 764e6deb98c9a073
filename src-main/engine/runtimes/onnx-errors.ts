import { EngineError, MissingOperationError, OperationError, OutOfMemoryError, ProviderError } from '../errors.ts'
import type { Graph, Node } from '../ir.ts'
import { type OnnxProvider, providerRemedies, providerTitles } from './providers.ts'

/** Name of the ONNX nodes of one IR node, before the builder's own count: it leads a message back to the model line. */
export const nodeLabel = (node: Node, index: number): string =>
  `${node.kernel}${node.source ? ` ${node.source}` : ''} #${index}`

/** The IR node that an ONNX node's name was made from; optimisations of onnxruntime keep names as part of theirs. */
function namedNode(message: string, graph: Graph): Node | undefined {
  const found = / #(\d+)\.\d+/.exec(message)
  return found ? graph.nodes[Number(found[1])] : undefined
}

const outOfMemory =
  /bad[ _]alloc|failed to allocate memory|array buffer allocation failed|out of memory|E_OUTOFMEMORY|8007000E|ALLOC_FAILED|exceeds the max buffer size|exceeds? the max(imum)? (storage )?buffer (binding )?size/i
const missingLibrary =
  /failed to load (shared )?library|no available backend found|cannot open shared object|failed to get a webgpu adapter|no supported adapters|is unsupported: '|driver version is insufficient|no cuda-capable device|vkCreateInstance|requestdevice|execution ?provider .*not (enabled|available|found)/i
const missingOperation = /NOT_IMPLEMENTED|could not find an implementation|is not a registered function\/op/i

/**
 * An error of onnxruntime as one of ours: the model line and shapes in place of the name of an ONNX node, the provider,
 * and what to do. Errors that are ours already stay as they are.
 */
export function explainOnnxError(error: unknown, program: string, graph: Graph, provider: OnnxProvider): EngineError {
  if (error instanceof EngineError) return error
  const message = error instanceof Error ? error.message : String(error)
  const on = `onnxruntime on ${providerTitles[provider]}`
  const node = namedNode(message, graph)
  const where = node ? describe(node) : `the program "${program}"`
  const cause = { cause: error }
  if (outOfMemory.test(message))
    return new OutOfMemoryError(
      `${on} has no memory left${requested(message)} in ${where}; use a smaller batch or smaller pictures, ${provider === 'cpu' ? 'or close other programs' : 'or set engine.provider to "cpu"'}`,
      cause,
    )
  if (missingLibrary.test(message))
    return new ProviderError(`${on} cannot be used here: ${reason(message)}; ${providerRemedies[provider]}`, cause)
  if (missingOperation.test(message))
    return new MissingOperationError(
      `${on} lacks an operation of ${where}: ${reason(message)}; ${provider === 'cpu' ? 'write the model line with other operations' : 'set engine.provider to "cpu"'}`,
      cause,
    )
  if (node)
    return new OperationError(
      `${where} failed in ${on}: ${reason(message)}; check the values that go into this line`,
      cause,
    )
  return new EngineError(`${on} failed in ${where}: ${reason(message)}`, cause)
}

function describe(node: Node): string {
  const shapes = node.inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(', ')
  return `${node.kernel} of ${shapes || 'nothing'}${node.source ? ` at ${node.source}` : ''}`
}

function requested(message: string): string {
  const bytes = Number(/(?:buffer of size|size:?) \(?(\d{4,})/i.exec(message)?.[1] ?? 0)
  return bytes > 0 ? ` for ${(bytes / 1e6).toFixed(1)} MB more` : ''
}

/** onnxruntime's own words without source files of its build, node names and line breaks. */
function reason(message: string): string {
  const [, status] = /Status Message: ([\s\S]*)/.exec(message) ?? []
  return (
    (status ?? message)
      .replace(/^\s*(\/onnxruntime_src|[A-Za-z]:\\|onnxruntime)\S*\.(cc|h|cpp)(:\d+)?\s*/, '')
      // A condition of its source, before the words about it.
      .replace(/^.* was false\. (?=\S)/s, '')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, 400)
  )
}
