import type { Attribute } from '../ir.ts'
import type { KernelRule } from '../kernels.ts'
import { type Tensor, tf } from '../tf.ts'
import { attentionReference } from './attention.ts'
import { rotaryReference } from './rotary.ts'

type Shape3 = [number, number, number]
type Shape4 = [number, number, number, number]

/** Widths of heads are multiples of this: onnxruntime's kernel rotates whole vectors of so many numbers. */
export const CACHED_HEAD_UNIT = 16

export const cachedAttentionRules: Record<string, KernelRule> = {
  /** outputs: y like q; the cache of keys and of values with the new ones in it */
  CachedAttention: {
    inputs: ['q', 'k', 'v', 'keys', 'values', 'cos', 'sin', 'totals', 'longest'],
    infer: ([q, k, v, keys, values, cos, , totals]) => {
      const [batch, length, width] = (q?.shape ?? []) as Shape3
      const [cacheBatch, keyHeads, room, d] = (keys?.shape ?? []) as Shape4
      const fits =
        q?.shape.length === 3 &&
        keys?.shape.length === 4 &&
        `${k?.shape}` === `${[batch, length, keyHeads * d]}` &&
        `${v?.shape}` === `${k?.shape}` &&
        `${values?.shape}` === `${keys.shape}` &&
        cacheBatch === batch &&
        width % (keyHeads * d) === 0
      if (!fits)
        throw new Error('cached attention wants q [B, L, H·d], k and v [B, L, Hkv·d] and caches [B, Hkv, S, d]')
      if (length > room) throw new Error(`${length} new tokens do not fit a cache of ${room}`)
      if (`${totals?.shape}` !== `${batch}` || cos?.shape[1] !== d / 2 || (cos?.shape[0] as number) < room)
        throw new Error('cached attention wants totals [B] and rotary tables [at least S, d/2]')
      return [q, keys, values] as ReturnType<KernelRule['infer']>
    },
  },
}

/** Keys and values of the tokens so far, each [B, Hkv, S, d] with room for S tokens. */
export interface KeyValueCache {
  keys: Tensor
  values: Tensor
}

/**
 * Causal attention of new tokens to those of a cache, which takes the new ones in (in place, where the runtime can).
 * Rotary positions (halves) are worked into q and k; query head h reads key-value head ⌊h / (H / Hkv)⌋. Sequences begin
 * at place 0. If L is `longest`, all new tokens are the first ones; else a sequence's new tokens are its last L.
 *
 * @param q [B, L, H·d]; k, v [B, L, Hkv·d], before rotation
 * @param tables cos and sin [positions, d/2]
 * @param totals int32 [B], tokens of each sequence with the new ones; longest int32 [], the most of them
 * @returns y [B, L, H·d] and the caches; it has no gradient
 */
export function cachedAttention(
  { q, k, v }: { q: Tensor; k: Tensor; v: Tensor },
  cache: KeyValueCache,
  { cos, sin }: { cos: Tensor; sin: Tensor },
  { totals, longest }: { totals: Tensor; longest: Tensor },
): { y: Tensor } & KeyValueCache {
  const { keys, values } = cache
  const [y, nextKeys, nextValues] = tf
    .engine()
    .runKernel('CachedAttention', { q, k, v, keys, values, cos, sin, totals, longest }) as unknown as [
    Tensor,
    Tensor,
    Tensor,
  ]
  return { y, keys: nextKeys, values: nextValues }
}

/** Plain composition, for the reference runtime, which knows the counts when it computes: one sequence at a time. */
export const cachedAttentionReference = {
  CachedAttention: (inputs: Tensor[]): Tensor[] => {
    const [q, k, v, keys, values, cos, sin, totals, longest] = inputs as [
      Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor,
    ] // biome-ignore format: nine of one type
    const [batch, length] = q.shape as Shape3
    const counts = totals.dataSync()
    const first = length === longest.dataSync()[0]
    const rows = Array.from({ length: batch }, (_, row) => {
      const start = first ? 0 : (counts[row] as number) - length
      const one = (tensor: Tensor) => tf.slice(tensor, [row], [1])
      const tables = [cos, sin].map((table) => tf.slice(table, [start, 0], [length, -1])) as [Tensor, Tensor]
      return attendOne({ q: one(q), k: one(k), v: one(v) }, { keys: one(keys), values: one(values) }, tables, start)
    })
    return [0, 1, 2].map((output) =>
      tf.concat(
        rows.map((row) => row[output] as Tensor),
        0,
      ),
    )
  },
}

function attendOne(
  { q, k, v }: { q: Tensor; k: Tensor; v: Tensor },
  { keys, values }: KeyValueCache,
  [cos, sin]: [Tensor, Tensor],
  start: number,
): Tensor[] {
  const [, keyHeads, room, d] = keys.shape as Shape4
  const length = q.shape[1] as number
  const heads = (tensor: Tensor, count: number) => tf.transpose(tf.reshape(tensor, [1, length, count, d]), [0, 2, 1, 3])
  const turned = (x: Tensor) => rotaryReference.Rotary([x, cos, sin], { inverse: false })[0] as Tensor
  const placed = (cache: Tensor, fresh: Tensor) =>
    tf.concat(
      [
        tf.slice(cache, [0, 0, 0, 0], [1, keyHeads, start, d]),
        fresh,
        tf.slice(cache, [0, 0, start + length, 0], [1, keyHeads, room - start - length, d]),
      ],
      2,
    )
  const allKeys = placed(keys, turned(heads(k, keyHeads)))
  const allValues = placed(values, heads(v, keyHeads))
  const seen = (tensor: Tensor) => tf.slice(tensor, [0, 0, 0, 0], [1, keyHeads, start + length, d])
  const count = (q.shape[2] as number) / d
  const attributes: Record<string, Attribute> = { causal: true, scale: 1 / Math.sqrt(d) }
  const given = [turned(heads(q, count)), seen(allKeys), seen(allValues)]
  const y = attentionReference.Attention(given, attributes)[0] as Tensor
  return [tf.reshape(tf.transpose(y, [0, 2, 1, 3]), q.shape), allKeys, allValues]
}
