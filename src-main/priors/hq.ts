import { fanIn, gaussian } from '../engine/initialise.ts'
import { MASKED_SCORE } from '../engine/operations/attention.ts'
import { branch, parameter, prefixed } from '../engine/parameters.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import { linear } from '../language/linear.ts'
import type { Prior, PriorShape } from './prior.ts'
import { shifted, stack, stackSpecs } from './stack.ts'
import { codeLogits, DEVIATION, embedClasses, embedCodes, tableSpecs } from './tables.ts'

/** Fine codes below a coarse one. */
const CHILDREN = 4

/**
 * HQ-Transformer (You et al. 2022). The body goes over the cells of the coarse map: each reads the codes of the cell
 * before, its coarse one and its four fine ones, the first cell the class. The head predicts the coarse code of a cell from
 * what the body gave there, and then its four fine codes at once, from that and the coarse code: given these the four are
 * independent of each other. The embeddings of four fine codes are joined by a learned matrix (there, embeddings of a
 * quarter of the width lie side by side), and the same tables serve body and head. Its blocks are stack.ts's.
 */
export function hqPrior(shape: PriorShape): Prior {
  const { width, layers, depthLayers, sides } = shape
  const side = sides[0] as number
  const cells = side * side

  return {
    specs: {
      ...tableSpecs(shape),
      positions: gaussian(DEVIATION, cells, width),
      depths: gaussian(DEVIATION, 1 + CHILDREN, width),
      join: fanIn(CHILDREN * width, width, CHILDREN * width),
      ...prefixed(stackSpecs(shape, layers), 'body'),
      ...prefixed(stackSpecs(shape, depthLayers), 'head'),
    },
    positions: cells,
    draws: Array.from({ length: cells }, (_, position) => [
      { layer: 0, places: [position], position },
      { layer: 1, places: childrenOf(position, side), position },
    ]).flat(),
    read(parameters, [tops, bottoms], classes) {
      const children = toCells(embedCodes(parameters, shape, 1, bottoms as Tensor), side)
      const whole = tf.add(
        embedCodes(parameters, shape, 0, tops as Tensor),
        linear(children, parameter(parameters, 'join')),
      )
      const inputs = shifted(tf.reshape(whole, [-1, cells, width]), embedClasses(parameters, classes))
      return tf.add(inputs, parameter(parameters, 'positions'))
    },
    predict(parameters, [tops], body, at) {
      const top = embedCodes(parameters, shape, 0, tops as Tensor, at)
      const known = tf.stack([body, ...new Array<Tensor>(CHILDREN).fill(top)], 1)
      const inputs = tf.add(known, parameter(parameters, 'depths'))
      const rows = body.shape[0] as number
      const x = tf.reshape(stack(branch(parameters, 'head'), inputs, shape, depthLayers, headMask()), [
        rows,
        1 + CHILDREN,
        width,
      ])
      return [
        tf.reshape(tf.slice(x, [0, 0, 0], [rows, 1, width]), [rows, width]),
        tf.reshape(tf.slice(x, [0, 1, 0], [rows, CHILDREN, width]), [rows * CHILDREN, width]),
      ]
    },
    arrange: ([top, below]) => [top as Tensor, fromCells(tf.reshape(below as Tensor, [-1, CHILDREN * width]), side)],
    logits: (parameters, layer, features) => codeLogits(parameters, shape, layer, features),
  }
}

/** Places of a cell's four children in the fine map, row by row. */
function childrenOf(cell: number, side: number): number[] {
  const [row, column] = [Math.floor(cell / side), cell % side]
  return [0, 1].flatMap((dy) => [0, 1].map((dx) => (2 * row + dy) * 2 * side + 2 * column + dx))
}

/**
 * The first place predicts the coarse code and sees itself alone: the others know that code. They see all, and none of them
 * knows a fine code. [1, 1, 5, 5]
 */
function headMask(): Tensor {
  const places = 1 + CHILDREN
  const values = new Float32Array(places * places)
  values.fill(MASKED_SCORE, 1, places)
  return tf.tensor4d(values, [1, 1, places, places])
}

/** Rows of the fine map to cells with their four children side by side. @param x [B · 2s · 2s, n] @returns [B · s · s, 4n] */
function toCells(x: Tensor, side: number): Tensor {
  const width = x.shape[1] as number
  const blocks = tf.reshape(x, [-1, side, 2, side, 2, width])
  return tf.reshape(tf.transpose(blocks, [0, 1, 3, 2, 4, 5]), [-1, CHILDREN * width])
}

/** The inverse. */
function fromCells(x: Tensor, side: number): Tensor {
  const width = (x.shape[1] as number) / CHILDREN
  const blocks = tf.reshape(x, [-1, side, side, 2, 2, width])
  return tf.reshape(tf.transpose(blocks, [0, 1, 3, 2, 4, 5]), [-1, width])
}
