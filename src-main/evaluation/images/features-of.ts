import { sideBySide } from '../../data/side-by-side.ts'
import { DataError, reasonOf, type Unreadable } from '../../data/source.ts'
import type { Extractor } from './extractor.ts'
import type { Gallery } from './gallery.ts'
import { requireGoing, type Watch } from './progress.ts'

/** What one picture's way through a network gives. */
export interface Extracted {
  /** Number in the gallery. */
  at: number
  features: Float32Array
  /** Empty for a network without classes. */
  logits: Float32Array
}

/**
 * Takes all pictures of a gallery through a network, a batch at a time, while the next batch is being read.
 * @param take gets each picture in its order
 * @returns pictures that could not be read, and were left out
 * @throws DataError if none can be read; EvaluationStopped
 */
export async function extractAll(
  gallery: Gallery,
  extractor: Extractor,
  what: string,
  watch: Watch,
  take: (extracted: Extracted) => void,
): Promise<Unreadable[]> {
  const count = gallery.names.length
  const unreadable: Unreadable[] = []
  const read = async (at: number): Promise<{ at: number; prepared: Float32Array } | null> => {
    try {
      return { at, prepared: extractor.prepare(await gallery.read(at)) }
    } catch (error) {
      unreadable.push({ file: gallery.names[at] as string, reason: reasonOf(error) })
      return null
    }
  }
  const block = (from: number) =>
    sideBySide(
      Array.from({ length: Math.max(0, Math.min(extractor.batch, count - from)) }, (_, at) => from + at),
      read,
    )
  let next = block(0)
  for (let from = 0; from < count; from += extractor.batch) {
    requireGoing(watch)
    const pictures = (await next).filter((picture) => picture !== null)
    next = block(from + extractor.batch)
    // Errors of the network must not leave the next block's promise alone.
    next.catch(() => undefined)
    if (pictures.length > 0) {
      const { features, logits } = await extractor.run(pictures.map(({ prepared }) => prepared))
      for (const [row, { at }] of pictures.entries())
        take({
          at,
          features: features.subarray(row * extractor.width, (row + 1) * extractor.width),
          logits: logits.subarray(row * extractor.classes, (row + 1) * extractor.classes),
        })
    }
    watch.onProgress(Math.min(count, from + extractor.batch), count, what)
  }
  if (unreadable.length === count)
    throw new DataError(
      `none of the ${count} pictures of ${gallery.words} can be read; the first: ${unreadable[0]?.file} (${unreadable[0]?.reason})`,
    )
  return unreadable.sort((a, b) => (a.file < b.file ? -1 : 1))
}
