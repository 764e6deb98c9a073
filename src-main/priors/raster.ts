import { codeOrder } from '../../src-shared/code-maps.ts'
import { gaussian } from '../engine/initialise.ts'
import { parameter, prefixed } from '../engine/parameters.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import type { Prior, PriorShape } from './prior.ts'
import { shifted, stackSpecs } from './stack.ts'
import { codeLogits, DEVIATION, embedClasses, embedCodes, tableSpecs } from './tables.ts'

/**
 * A transformer over the codes of a picture one after the other (VQGAN, Esser et al. 2021): the class, then each code,
 * predicts the next. Its blocks are stack.ts's.
 */
export function rasterPrior(shape: PriorShape): Prior {
  const { width, layers, sides } = shape
  const order = codeOrder(sides)
  const length = order.length
  const starts = sides.map((_, layer) => sides.slice(0, layer).reduce((sum, side) => sum + side * side, 0))
  /** Position of each code of a map. */
  const positionsOf = sides.map((side) => new Array<number>(side * side))
  for (const [position, { layer, at }] of order.entries()) (positionsOf[layer] as number[])[at] = position

  return {
    specs: {
      ...tableSpecs(shape),
      positions: gaussian(DEVIATION, length, width),
      ...prefixed(stackSpecs(shape, layers), 'body'),
    },
    positions: length,
    draws: order.map(({ layer, at }, position) => ({ layer, places: [at], position })),
    read(parameters, codes, classes) {
      const batch = classes.shape[0] as number
      const maps = tf.concat(
        codes.map((map, layer) => tf.reshape(embedCodes(parameters, shape, layer, map), [batch, -1, width])),
        1,
      )
      const inOrder = order.map(({ layer, at }) => (starts[layer] as number) + at)
      const rows = tf.reshape(gatherPlaces(tf.reshape(maps, [batch * length, width]), length, inOrder), maps.shape)
      return tf.add(shifted(rows, embedClasses(parameters, classes)), parameter(parameters, 'positions'))
    },
    predict: (_, codes, body) => codes.map(() => body),
    arrange: (predicted) => predicted.map((body, layer) => gatherPlaces(body, length, positionsOf[layer] as number[])),
    logits: (parameters, layer, features) => codeLogits(parameters, shape, layer, features),
  }
}

/** The same places of each picture of a batch. @param x [B · L, n] @returns [B · places, n] */
function gatherPlaces(x: Tensor, length: number, places: readonly number[]): Tensor {
  const batch = (x.shape[0] as number) / length
  const rows = Array.from({ length: batch }, (_, picture) => places.map((place) => picture * length + place)).flat()
  return tf.gather(x, tf.tensor1d(rows, 'int32'))
}
