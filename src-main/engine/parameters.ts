import type { Tensor } from './tf.ts'

/** Parameters by dotted name, such as "encoder.res0.conv0.kernel". Model code is plain functions over these. */
export type Parameters = Readonly<Record<string, Tensor>>

/** The entries below `prefix.`, with the prefix taken off. */
export function branch<Leaf>(flat: Readonly<Record<string, Leaf>>, prefix: string): Record<string, Leaf> {
  const start = `${prefix}.`
  const result: Record<string, Leaf> = {}
  for (const [name, leaf] of Object.entries(flat)) if (name.startsWith(start)) result[name.slice(start.length)] = leaf
  return result
}

/** The same entries with `prefix.` put before each name. */
export function prefixed<Leaf>(flat: Readonly<Record<string, Leaf>>, prefix: string): Record<string, Leaf> {
  const result: Record<string, Leaf> = {}
  for (const [name, leaf] of Object.entries(flat)) result[`${prefix}.${name}`] = leaf
  return result
}

/** One parameter. @throws Error naming the parameter and its neighbours if there is none */
export function parameter<Leaf>(flat: Readonly<Record<string, Leaf>>, name: string): Leaf {
  const found = flat[name]
  if (found === undefined) {
    const scope = name.split('.').slice(0, -1).join('.')
    const near = Object.keys(flat)
      .filter((key) => key.startsWith(scope))
      .slice(0, 8)
    throw new Error(
      `no parameter "${name}"; ${near.length ? `near it: ${near.join(', ')}` : 'there is none with that prefix'}`,
    )
  }
  return found
}
