import { ONNX_TYPE } from '../onnx-builder.ts'
import { input, type Lowering } from './lowering.ts'

/** Scores of one chunk of rows against the whole codebook may take this many bytes. */
const CHUNK_BYTES = 64 * 2 ** 20

/** argmin |c|² − 2 z·c, rows in chunks so that the score matrix stays small. ArgMin takes the first of equal scores. */
const nearestCode: Lowering = (node, { onnx, name }) => {
  const [z, codebook] = [input(node, 0), input(node, 1)]
  const [rows, codes] = [z.shape[0] as number, codebook.shape[0] as number]
  const squares = onnx.op('Mul', [name(codebook), name(codebook)])
  const norms = onnx.op('Unsqueeze', [onnx.op('ReduceSum', [squares, onnx.ints([1])], { keepdims: 0 }), onnx.ints([0])])
  const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / (4 * codes)))
  const chunks: string[] = []
  for (let start = 0; start < rows; start += perChunk) {
    const end = Math.min(rows, start + perChunk)
    const part =
      end - start === rows ? name(z) : onnx.op('Slice', [name(z), onnx.ints([start]), onnx.ints([end]), onnx.ints([0])])
    const scores = onnx.op('Gemm', [part, name(codebook), norms], { transB: 1, alpha: { float: -2 } })
    chunks.push(onnx.op('ArgMin', [scores], { axis: 1, keepdims: 0, select_last_index: 0 }))
  }
  const indices = chunks.length === 1 ? (chunks[0] as string) : onnx.op('Concat', chunks, { axis: 0 })
  return [onnx.op('Cast', [indices], { to: ONNX_TYPE.int32 })]
}

export const nearestCodes: Record<string, Lowering> = { NearestCode: nearestCode }
