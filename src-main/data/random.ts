/**
 * A counter-based source of randomness: a stream is named, and its n-th number depends on the name and n alone. Resumed
 * runs name the same streams and so draw the same numbers, without saving any state.
 */
export interface Random {
  /** [0, 1), 24 bits */
  uniform(): number
  /** mean 0, variance 1 */
  normal(): number
  /** 0 … n − 1 */
  int(n: number): number
}

/** MurmurHash3's finaliser: every input bit flips every output bit with probability one half. */
export function mix(value: number): number {
  let h = value >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

const GOLDEN = 0x9e3779b9

function hashName(parts: readonly (number | string)[]): [number, number] {
  let [a, b] = [0x243f6a88, 0x85a308d3]
  for (const part of parts) {
    for (const unit of `${typeof part}:${part}`) {
      a = mix(a ^ (unit.codePointAt(0) as number))
      b = mix(Math.imul(b, 31) + (unit.codePointAt(0) as number) + GOLDEN)
    }
    a = mix(a + GOLDEN)
  }
  return [a, b]
}

/** @param seed of the run; stream names what the numbers are for, such as ("restart", 120) */
export function createRandom(seed: number, ...stream: (number | string)[]): Random {
  const [a, b] = hashName([seed, ...stream])
  let counter = 0
  const next = (): number => {
    counter = (counter + 1) >>> 0
    return mix(mix(Math.imul(counter, GOLDEN) + a) ^ b)
  }
  const uniform = () => (next() >>> 8) / 2 ** 24
  return {
    uniform,
    // Box–Muller; 1 − u is never 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    int: (n) => Math.floor((next() / 2 ** 32) * n),
  }
}

/** Brings a list into an order by chance, in place (Fisher and Yates). @returns the list */
export function shuffle<Order extends { readonly length: number; [at: number]: unknown }>(
  order: Order,
  random: Random,
): Order {
  for (let at = order.length - 1; at > 0; at--) {
    const other = random.int(at + 1)
    const moved = order[at]
    order[at as keyof Order] = order[other] as Order[keyof Order]
    order[other as keyof Order] = moved as Order[keyof Order]
  }
  return order
}
