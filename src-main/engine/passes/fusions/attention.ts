import { call, either, type Fusion, numeric, type Term } from '../matching.ts'

const isTransposed = (a: boolean, b: boolean) => (node: { attributes: Record<string, unknown> }) =>
  Boolean(node.attributes.transposeA) === a && Boolean(node.attributes.transposeB) === b
const products = call('BatchMatMul', ['q', 'k'], isTransposed(false, true))
const scaled: Term = either(
  call('Multiply', [products, numeric('scale')]),
  call('RealDiv', [products, numeric('divisor')]),
  products,
)

/** softmax(q kᵀ · scale + mask) v over [B, H, L, d]; a causal mask that was written as a constant stays a mask. */
export const attentionFusion: Fusion = {
  name: 'attention',
  root: [
    call(
      'BatchMatMul',
      [call('Softmax', [either(call('Add', [scaled, 'mask']), scaled)]), 'v'],
      isTransposed(false, false),
    ),
  ],
  build: ({ values: { q, k, v, mask }, numbers: { scale, divisor } }, root, made) => {
    if (!q || !k || !v || q.shape.length !== 4 || k.shape.length !== 4 || v.shape.length !== 4) return null
    // Products broadcast over heads; attention shares them evenly instead.
    if (q.shape[1] !== k.shape[1] || q.shape[1] !== v.shape[1]) return null
    const weights = made.create([...q.shape.slice(0, 3), k.shape[2] as number], 'float32')
    return [
      {
        ...root,
        kernel: 'Attention',
        inputs: [q, k, v, ...(mask ? [mask] : [])],
        attributes: { causal: false, scale: scale ?? 1 / (divisor ?? 1) },
        outputs: [...root.outputs, weights],
      },
    ]
  },
}
