import type { Value } from '../../ir.ts'
import type { CallBuilder, Slot } from '../calls.ts'
import { input, keptFor, type Lowering } from './lowering.ts'

/**
 * Group normalisation in NHWC. Everything that is per group is worked out on small tensors per channel, so that each map
 * is passed over as few times as possible and the innermost axis of every pass is the whole row of channels.
 */
interface Groups {
  batch: number
  area: number
  channels: number
  groups: number
  perGroup: number
}

function groupsOf({ shape }: Value, groups: number): Groups {
  const [batch, height, width, channels] = shape as [number, number, number, number]
  return { batch, area: height * width, channels, groups, perGroup: channels / groups }
}

/** [B, 1, C] with each group's mean of per-channel numbers [B, C] (already sums over the area) in all of its channels. */
function groupMeans(tf: CallBuilder, sums: Slot, { batch, area, channels, groups, perGroup }: Groups): Slot {
  const total = tf.reduce('Sum', tf.reshape(sums, [batch, groups, perGroup]), [2], true)
  const mean = tf.multiply(total, tf.scalar(1 / (area * perGroup)))
  return perChannel(tf, mean, { batch, channels, groups, perGroup })
}

/** [B, G, 1] → [B, 1, C] */
function perChannel(
  tf: CallBuilder,
  perGroup: Slot,
  { batch, channels, groups, perGroup: each }: Omit<Groups, 'area'>,
): Slot {
  const spread = tf.call('BroadcastTo', 'float32', [perGroup, tf.wholes([batch, groups, each])], {
    T: 'float32',
    Tidx: 'int32',
  })
  return tf.reshape(spread, [batch, 1, channels])
}

const groupNorm: Lowering = (node, { tf, slot, kept }) => {
  const [x, scale, offset] = [input(node, 0), input(node, 1), input(node, 2)]
  const sizes = groupsOf(x, node.attributes.groups as number)
  const { batch, area, channels, groups, perGroup } = sizes
  const rows = tf.reshape(slot(x), [batch, area, channels])
  const mean = groupMeans(tf, tf.reduce('Sum', rows, [1]), sizes)
  const squares = tf.reduce('Sum', tf.binary('SquaredDifference', rows, mean), [1])
  const total = tf.reduce('Sum', tf.reshape(squares, [batch, groups, perGroup]), [2], true)
  const variance = tf.multiply(total, tf.scalar(1 / (area * perGroup)))
  const inverse = tf.unary('Rsqrt', tf.add(variance, tf.scalar(Number(node.attributes.epsilon))))
  const inverses = perChannel(tf, inverse, sizes)
  // y = x·a + b with a = γ/σ and b = β − μ·a
  const a = tf.multiply(inverses, slot(scale))
  const b = tf.subtract(slot(offset), tf.multiply(mean, a))
  const y = tf.reshape(tf.add(tf.multiply(rows, a), b), x.shape)
  const normalised = tf.reshape(tf.multiply(tf.subtract(rows, mean), inverses), x.shape)
  kept.set(`group norm ${normalised.id}`, [rows, mean, inverses])
  return [y, normalised, tf.reshape(inverse, [batch, groups])]
}

/** dx = (1/σ) · (g − mean(g) − x̂ · mean(g·x̂)) per group, with g = dy · γ and x̂ = (x − μ)/σ, which is never made. */
const groupNormGradient: Lowering = (node, context) => {
  const { tf, slot } = context
  const [dy, normalised, scale] = [input(node, 0), input(node, 1), input(node, 3)]
  const sizes = groupsOf(dy, node.attributes.groups as number)
  const { batch, area, channels } = sizes
  const [x, mean, inverses] = keptFor(context, 'group norm', slot(normalised)) as [Slot, Slot, Slot]
  const up = tf.reshape(slot(dy), [batch, area, channels])
  const sumDy = tf.reduce('Sum', up, [1], true)
  // Σ dy·x̂ = (Σ dy·(x − μ))/σ per channel
  const products = tf.reduce('Sum', tf.multiply(up, tf.subtract(x, mean)), [1], true)
  const sumProduct = tf.multiply(products, inverses)
  const groupMean = (sums: Slot) => groupMeans(tf, tf.reshape(tf.multiply(sums, slot(scale)), [batch, channels]), sizes)
  // dx = p·dy − q·x + r, with all of p, q and r per channel
  const p = tf.multiply(inverses, slot(scale))
  const q = tf.multiply(tf.multiply(inverses, inverses), groupMean(sumProduct))
  const r = tf.subtract(tf.multiply(q, mean), tf.multiply(inverses, groupMean(sumDy)))
  const dx = tf.add(tf.subtract(tf.multiply(up, p), tf.multiply(x, q)), r)
  return [tf.reshape(dx, dy.shape), tf.reduce('Sum', sumProduct, [0, 1]), tf.reduce('Sum', sumDy, [0, 1])]
}

export const normalisation: Record<string, Lowering> = { GroupNorm: groupNorm, GroupNormGrad: groupNormGradient }
