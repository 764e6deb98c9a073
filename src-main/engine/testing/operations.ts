import { type Graph, type Node, sizeOf } from '../ir.ts'
import { simplifyAndFuse } from '../passes/optimise.ts'

/** Arithmetic of a graph's products, convolutions and searches as it is computed, a multiply-add counted as two operations. */
export const operationsOf = (graph: Graph): number =>
  simplifyAndFuse(graph).nodes.reduce((sum, node) => sum + ofNode(node), 0)

/** Operations of a kernel call, counted on its shapes alone. */
function ofNode({ kernel, inputs, outputs, attributes }: Node): number {
  const [a, b, c] = [inputs[0]?.shape ?? [], inputs[1]?.shape ?? [], outputs[0]?.shape ?? []]
  switch (kernel) {
    case 'Conv2D': // x, filter [h, w, from, to]
      return 2 * sizeOf(b) * sizeOf(c.slice(0, 3))
    case 'Conv2DBackpropInput': // dy, filter
      return 2 * sizeOf(b) * sizeOf(a.slice(0, 3))
    case 'Conv2DBackpropFilter': // x, dy
      return 2 * sizeOf(c) * sizeOf(b.slice(0, 3))
    case 'BatchMatMul':
      return 2 * sizeOf(c) * (a.at(attributes.transposeA ? -2 : -1) as number)
    case 'Attention': // q [B, H, L, d], k [B, Hkv, S, d]: scores, and the mix of values
      return 4 * sizeOf(a) * (b.at(-2) as number)
    case 'AttentionGrad': // dy, y, q, k, v, weights: of values, scores, queries and keys
      return 8 * sizeOf(a) * (inputs[3]?.shape.at(-2) as number)
    case 'NearestCode': // vectors [N, n], codes [K, n]
      return 2 * sizeOf(a) * (b[0] as number)
    default:
      return 0
  }
}
