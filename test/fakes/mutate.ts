import { createRandom, type Random } from '../../src-main/data/random.ts'

/** Numbers that lengths, counts and offsets lie with. */
const LIES = [
  0n,
  1n,
  2n,
  127n,
  128n,
  255n,
  256n,
  65535n,
  1n << 16n,
  1n << 24n,
  (1n << 31n) - 1n,
  1n << 31n,
  (1n << 32n) - 1n,
  1n << 40n,
  (1n << 53n) + 1n,
  (1n << 62n) + 8n,
  (1n << 63n) - 1n,
  (1n << 64n) - 1n,
]
const TEXT_LIES = [
  '0',
  '1',
  '-1',
  '7777777',
  '99999999999',
  '18446744073709551616',
  '1e999',
  '[]',
  'null',
  '"',
  '{',
  '../../../../etc/passwd',
]

/**
 * A file broken in one to three ways: flipped bits, a cut, a length that lies, parts copied over, left out or put in twice.
 * @param hot where most of the damage falls, such as the header: [from, to)
 */
export function mutated(file: Buffer, seed: number, hot: readonly [number, number]): Buffer {
  const random = createRandom(seed, 'mutation')
  let bytes: Buffer = Buffer.from(file)
  for (let times = 1 + random.int(3); times > 0; times--) bytes = once(bytes, random, hot)
  return bytes
}

function once(bytes: Buffer, random: Random, hot: readonly [number, number]): Buffer {
  const { length } = bytes
  if (length === 0) return bytes
  const place = (): number => {
    const [from, to] = random.uniform() < 0.8 ? [Math.min(hot[0], length - 1), Math.min(hot[1], length)] : [0, length]
    return from + random.int(Math.max(1, to - from))
  }
  const part = (): Buffer => {
    const from = place()
    return bytes.subarray(from, Math.min(length, from + 1 + random.int(64)))
  }
  switch (random.int(9)) {
    case 0:
      for (let flips = 1 + random.int(8); flips > 0; flips--) {
        const at = place()
        bytes[at] = (bytes[at] as number) ^ (1 << random.int(8))
      }
      return bytes
    case 1:
      return bytes.subarray(0, random.uniform() < 0.5 ? place() : random.int(length))
    case 2:
    case 3: {
      const lie =
        random.uniform() < 0.7 ? (LIES[random.int(LIES.length)] as bigint) : BigInt(length) + BigInt(random.int(5) - 2)
      const width = [1, 2, 4, 8][random.int(4)] as number
      const at = place()
      for (let byte = 0; byte < width && at + byte < length; byte++) {
        const shift = BigInt(8 * (random.int(2) === 0 ? byte : width - 1 - byte))
        bytes[at + byte] = Number((lie >> shift) & 255n)
      }
      return bytes
    }
    case 4: {
      part().copy(bytes, place())
      return bytes
    }
    case 5: {
      const from = place()
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(Math.min(length, from + 1 + random.int(32)))])
    }
    case 6: {
      const at = place()
      return Buffer.concat([bytes.subarray(0, at), part(), bytes.subarray(at)])
    }
    case 7: {
      const at = place()
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from(TEXT_LIES[random.int(TEXT_LIES.length)] as string),
        bytes.subarray(at + 1),
      ])
    }
    default: {
      bytes[place()] = random.int(256)
      return bytes
    }
  }
}

type Constructor = new (...args: never[]) => object

const ARRAYS = [
  'Uint8Array',
  'Uint16Array',
  'Uint32Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'ArrayBuffer',
  'Array',
] as const

/**
 * Bytes of the largest array that was made by its length while `work` ran, whether or not anything was ever put into it:
 * the memory of a process does not show what is only reserved.
 */
export async function largestAllocation(work: () => Promise<void>): Promise<number> {
  const kept = ARRAYS.map((name) => [name, globalThis[name]] as const)
  const keptBuffer = { alloc: Buffer.alloc, allocUnsafe: Buffer.allocUnsafe }
  let largest = 0
  const seen = (bytes: unknown): void => {
    if (typeof bytes === 'number' && bytes > largest) largest = bytes
  }
  for (const [name, original] of kept) {
    const each = 'BYTES_PER_ELEMENT' in original ? original.BYTES_PER_ELEMENT : name === 'Array' ? 8 : 1
    const watched: Constructor = new Proxy(original as Constructor, {
      construct(target, args: unknown[], newTarget): object {
        if (args.length === 1 && typeof args[0] === 'number') seen(args[0] * each)
        return Reflect.construct(target, args, newTarget === watched ? target : newTarget) as object
      },
    })
    Object.defineProperty(globalThis, name, { value: watched, configurable: true, writable: true })
  }
  Buffer.alloc = ((size: number, ...rest: []) => {
    seen(size)
    return keptBuffer.alloc(size, ...rest)
  }) as typeof Buffer.alloc
  Buffer.allocUnsafe = (size) => {
    seen(size)
    return keptBuffer.allocUnsafe(size)
  }
  try {
    await work()
  } finally {
    for (const [name, original] of kept)
      Object.defineProperty(globalThis, name, { value: original, configurable: true, writable: true })
    Object.assign(Buffer, keptBuffer)
  }
  return largest
}

/** What became of files that were broken. */
export interface Outcomes {
  read: number
  refused: number
}

/** Milliseconds within which a small broken file must have been dealt with, on a machine that is busy with other things. */
const LONGEST = 5000

/**
 * Hands out `count` broken files.
 * @param read reads all of a file, or throws
 * @param isRefusal whether an error is one that this kind of file is refused by
 * @param most bytes of the largest array that a file may cause
 * @throws Error that names the seed of the first file that was dealt with in any other way
 */
export async function tryMutations(
  count: number,
  make: (seed: number) => Buffer,
  read: (file: Buffer) => Promise<void>,
  isRefusal: (error: unknown) => boolean,
  most: (file: Buffer) => number,
): Promise<Outcomes> {
  const outcomes = { read: 0, refused: 0 }
  for (let seed = 0; seed < count; seed++) {
    const file = make(seed)
    let problem: unknown = null
    const begin = performance.now()
    const largest = await largestAllocation(async () => {
      try {
        await read(file)
        outcomes.read++
      } catch (error) {
        if (isRefusal(error)) outcomes.refused++
        else problem = error
      }
    })
    const took = performance.now() - begin
    if (problem !== null) throw new Error(`broken file ${seed}: ${String(problem)}`, { cause: problem })
    if (largest > most(file))
      throw new Error(`broken file ${seed} of ${file.length} bytes: an array of ${largest} bytes was made`)
    if (took > LONGEST) throw new Error(`broken file ${seed} of ${file.length} bytes took ${Math.round(took)} ms`)
  }
  return outcomes
}
