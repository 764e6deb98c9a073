import { codeOrder } from '../../src-shared/code-maps.ts'
import { gaussian } from '../engine/initialise.ts'
import { branch, parameter, prefixed } from '../engine/parameters.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import type { Prior, PriorShape } from './prior.ts'
import { shifted, stack, stackSpecs } from './stack.ts'
import { codeLogits, DEVIATION, embedClasses, embedCodes, tableSpecs } from './tables.ts'

/**
 * RQ-Transformer (Lee et al. 2022). The body goes over positions: each reads the sum of the embeddings of all codes of the
 * position before, the first one the class. The depth head goes over the D codes of a position: it reads what the body
 * gave there, then the sums of the embeddings of the first 1 … D − 1 codes. Embeddings are the prior's own and not the
 * codebook's vectors, and the same tables serve body and head. Its blocks are stack.ts's.
 */
export function rqPrior(shape: PriorShape): Prior {
  const { width, layers, depthLayers, sides } = shape
  const depths = sides.length
  const length = (sides[0] as number) ** 2

  return {
    specs: {
      ...tableSpecs(shape),
      positions: gaussian(DEVIATION, length, width),
      depths: gaussian(DEVIATION, depths, width),
      ...prefixed(stackSpecs(shape, layers), 'body'),
      ...prefixed(stackSpecs(shape, depthLayers), 'head'),
    },
    positions: length,
    draws: codeOrder(sides).map(({ layer, at }) => ({ layer, places: [at], position: at })),
    read(parameters, codes, classes) {
      const sum = tf.addN(codes.map((map, layer) => embedCodes(parameters, shape, layer, map)))
      const inputs = shifted(tf.reshape(sum, [-1, length, width]), embedClasses(parameters, classes))
      return tf.add(inputs, parameter(parameters, 'positions'))
    },
    predict(parameters, codes, body, at) {
      const before = codes.slice(0, -1).map((map, layer) => embedCodes(parameters, shape, layer, map, at))
      const inputs = tf.add(tf.stack([body, ...cumulative(before)], 1), parameter(parameters, 'depths'))
      const x = tf.reshape(stack(branch(parameters, 'head'), inputs, shape, depthLayers), [-1, depths, width])
      const rows = body.shape[0] as number
      return sides.map((_, depth) => tf.reshape(tf.slice(x, [0, depth, 0], [rows, 1, width]), [rows, width]))
    },
    arrange: (predicted) => [...predicted],
    logits: (parameters, layer, features) => codeLogits(parameters, shape, layer, features),
  }
}

/** Sums of the first 1, 2, … tensors. */
function cumulative(tensors: readonly Tensor[]): Tensor[] {
  const sums: Tensor[] = []
  for (const tensor of tensors) {
    const before = sums.at(-1)
    sums.push(before ? tf.add(before, tensor) : tensor)
  }
  return sums
}
