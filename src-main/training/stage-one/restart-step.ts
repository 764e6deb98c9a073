import { booksOf, meanCount } from '../../codebook/books.ts'
import { deadCodes, restartVectors } from '../../codebook/rules.ts'
import { createRandom } from '../../data/random.ts'
import { float32, floats, type HostTensor, int32, scalar } from '../../engine/runtimes/runtime.ts'
import { rampsToLanguage, restartsAtOnce } from './codebook-update.ts'
import type { Run } from './run.ts'

/**
 * Replaces the codes whose running count has fallen below restart × (tokens / K) by vectors of the step's batch. A program
 * of its own, since most steps have no dead code, and those that have touch a few rows of a large table.
 * @param out of the tokenizer step: counts [K], features [N, n], featureNorm
 * @param ramp r of the release's rule
 * @returns the codes that were restarted, ascending
 */
export async function restartDead(
  { config, programs, codes }: Run,
  step: number,
  out: Readonly<Record<string, HostTensor>>,
  ramp: number,
): Promise<Int32Array> {
  const { restart } = programs
  if (!restart) return new Int32Array(0)
  const random = createRandom(config.seed, 'restart', step)
  const [counts, features] = [floats(out, 'counts'), floats(out, 'features')]
  const width = (out.features as HostTensor).shape[1] as number
  const places: number[] = []
  const parts: Float32Array[] = []
  const means: number[] = []
  for (const book of booksOf(config, codes)) {
    const mean = meanCount(book)
    const dead = deadCodes(counts.subarray(book.first, book.end), config.codebook.restart * mean)
    for (const code of dead) places.push(book.first + code)
    for (const _ of dead) means.push(mean)
    parts.push(restartVectors(features.subarray(book.from * width, book.to * width), width, dead.length, random))
  }
  const vectors = joined(parts)
  const atOnce = restartsAtOnce(codes)
  const release = rampsToLanguage(config) ? { ramp: scalar(ramp), featureNorm: out.featureNorm as HostTensor } : {}
  for (let begin = 0; begin < places.length; begin += atOnce) {
    /** The last of them again and again fills up what a program has room for. */
    const of = (at: number) => Math.min(begin + at, places.length - 1)
    const rows = new Float32Array(atOnce * width)
    for (let at = 0; at < atOnce; at++) rows.set(vectors.subarray(of(at) * width, (of(at) + 1) * width), at * width)
    await restart.run({
      places: int32(
        Int32Array.from({ length: atOnce }, (_, at) => places[of(at)] as number),
        [atOnce, 1],
      ),
      vectors: float32(rows, [atOnce, width]),
      means: float32(
        Float32Array.from({ length: atOnce }, (_, at) => means[of(at)] as number),
        [atOnce, 1],
      ),
      ...release,
    })
  }
  return Int32Array.from(places)
}

function joined(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0] as Float32Array
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
