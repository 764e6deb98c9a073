import { sizeOf, type Value } from '../../ir.ts'
import type { CallBuilder, Slot } from '../calls.ts'
import { input, type Lowering } from './lowering.ts'

/** Normalisations over the last axis: layer norm and RMS norm. */

const meanOfRows = (tf: CallBuilder, x: Slot, { shape }: Value): Slot => tf.reduce('Mean', x, [shape.length - 1], true)

/** Sums over all rows, one for each place of the last axis. */
function sumOverRows(tf: CallBuilder, x: Slot, { shape }: Value): Slot {
  const width = shape.at(-1) as number
  return tf.reduce('Sum', tf.reshape(x, [sizeOf(shape) / width, width]), [0])
}

const rmsNorm: Lowering = (node, { tf, slot }) => {
  const [x, weight] = [slot(input(node, 0)), slot(input(node, 1))]
  const squares = meanOfRows(tf, tf.unary('Square', x), input(node, 0))
  const inverse = tf.unary('Rsqrt', tf.add(squares, tf.scalar(Number(node.attributes.epsilon))))
  return [tf.multiply(tf.multiply(x, inverse), weight), inverse]
}

/** dx = (1/rms) · (g − x̂ · mean(g·x̂)) with g = dy · weight. */
const rmsNormGradient: Lowering = (node, { tf, slot }) => {
  const [dy, x, weight, inverse] = node.inputs.map(slot) as [Slot, Slot, Slot, Slot]
  const like = input(node, 0)
  const normalised = tf.multiply(x, inverse)
  const up = tf.multiply(dy, weight)
  const projection = meanOfRows(tf, tf.multiply(up, normalised), like)
  const dx = tf.multiply(inverse, tf.subtract(up, tf.multiply(normalised, projection)))
  return [dx, sumOverRows(tf, tf.multiply(dy, normalised), like)]
}

/** x̂ = (x − μ)/σ and 1/σ of each row; made once for the forward and the backward pass. */
function normalisedRows(tf: CallBuilder, x: Slot, like: Value, epsilon: number): { normalised: Slot; inverse: Slot } {
  const key = `rows ${x.id} ${epsilon}`
  const centred = tf.once(`${key} centred`, () => tf.subtract(x, meanOfRows(tf, x, like)))
  const inverse = tf.once(`${key} inverse`, () =>
    tf.unary('Rsqrt', tf.add(meanOfRows(tf, tf.unary('Square', centred), like), tf.scalar(epsilon))),
  )
  return { normalised: tf.once(`${key} normalised`, () => tf.multiply(centred, inverse)), inverse }
}

const layerNorm: Lowering = (node, { tf, slot }) => {
  const [x, scale, offset] = node.inputs.map(slot) as [Slot, Slot, Slot]
  const { normalised } = normalisedRows(tf, x, input(node, 0), Number(node.attributes.epsilon))
  return [tf.add(tf.multiply(normalised, scale), offset)]
}

/** dx = (1/σ) · (g − mean(g) − x̂ · mean(g·x̂)) with g = dy · scale. */
const layerNormGradient: Lowering = (node, { tf, slot }) => {
  const [dy, x, scale] = node.inputs.map(slot) as [Slot, Slot, Slot]
  const like = input(node, 1)
  const { normalised, inverse } = normalisedRows(tf, x, like, Number(node.attributes.epsilon))
  const up = tf.multiply(dy, scale)
  const projection = meanOfRows(tf, tf.multiply(up, normalised), like)
  const slope = tf.subtract(up, meanOfRows(tf, up, like))
  const dx = tf.multiply(inverse, tf.subtract(slope, tf.multiply(normalised, projection)))
  return [dx, sumOverRows(tf, tf.multiply(dy, normalised), like), sumOverRows(tf, dy, like)]
}

export const rowNormalisation: Record<string, Lowering> = {
  RmsNorm: rmsNorm,
  RmsNormGrad: rmsNormGradient,
  LayerNorm: layerNorm,
  LayerNormGrad: layerNormGradient,
}
