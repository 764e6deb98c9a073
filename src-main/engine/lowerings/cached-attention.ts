import { CACHED_HEAD_UNIT } from '../operations/cached-attention.ts'
import { input, type Lowering } from './lowering.ts'

/**
 * onnxruntime's GroupQueryAttention, which rotates, puts the new keys and values into the cache and attends in one
 * operator; it writes in place where both buffers of a cache are the same memory.
 */
const cachedAttention: Lowering = (node, { onnx, name }) => {
  const [q, k, v, keys, values, cos, sin, totals, longest] = node.inputs.map(name) as [
    string, string, string, string, string, string, string, string, string,
  ] // biome-ignore format: nine of one type
  const [, keyHeads, , d] = input(node, 3).shape as [number, number, number, number]
  if (d % CACHED_HEAD_UNIT !== 0)
    throw new Error(
      `heads of width ${d}: onnxruntime's attention with a cache wants multiples of ${CACHED_HEAD_UNIT}; fill the heads up with zeros`,
    )
  const before = onnx.op('Sub', [totals, onnx.scalar(1, 'int32')])
  return onnx.ops('ms.GroupQueryAttention', [q, k, v, keys, values, before, longest, cos, sin], 3, {
    num_heads: (input(node, 0).shape[2] as number) / d,
    kv_num_heads: keyHeads,
    do_rotary: 1,
    rotary_interleaved: 0,
    scale: { float: 1 / Math.sqrt(d) },
  })
}

export const cachedAttentions: Record<string, Lowering> = { CachedAttention: cachedAttention }
