import { crc32 } from 'node:zlib'

/**
 * Values that a peer in another language can make as well: entry i of the array of that name is a mixed hash of i and the
 * name's CRC-32, of 24 bits, scaled to [−bound, bound).
 */
export function hashedValues(name: string, size: number, bound = 1): Float32Array {
  const seed = crc32(name)
  const values = new Float32Array(size)
  for (let index = 0; index < size; index++) {
    // The finaliser of MurmurHash3.
    let hash = (Math.imul(index, 0x9e3779b1) + seed) | 0
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    hash ^= hash >>> 16
    values[index] = ((hash >>> 8) / 2 ** 23 - 1) * bound
  }
  return values
}
