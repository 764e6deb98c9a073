import type { DataConfig } from '../../../src-shared/config.ts'
import { isRandom } from '../crop.ts'
import { decodePicture } from '../decode-picture.ts'
import { type PictureOrder, pictureOrder } from '../picture-order.ts'
import type { TrainingBatch } from '../picture-set.ts'
import { sideBySide } from '../side-by-side.ts'
import { DataError, Refusals, reasonOf, type SourceListing } from '../source.ts'
import { isHeldOut } from '../split.ts'
import { mirror, trainingDraw } from '../training-draw.ts'

/** Batches that are prepared while a step computes. */
const AHEAD = 3
/** Pictures that are tried in the place of one that cannot be trained on. */
const MOST_TRIED = 5000

/** Training batches read from the source as they are wanted, and some ahead. */
export interface StreamBatches {
  batch(batchSize: number, seed: number, step: number): Promise<TrainingBatch>
}

/** @param chosen numbers in the listing, ascending */
export function streamBatches(listing: SourceListing, chosen: Uint32Array, data: DataConfig): StreamBatches {
  /** Pictures that were found to be held out or unreadable: spares reading them again, and decides nothing. */
  const left = new Uint8Array(listing.count)
  let refused = new Refusals()
  let prepared = {
    seed: -1,
    batchSize: 0,
    order: null as PictureOrder | null,
    steps: new Map<number, Promise<Uint8Array>>(),
  }
  let last: Promise<unknown> = Promise.resolve()

  const leaveOut = (picture: number, reason: string): void => {
    if (left[picture] === 0) refused.add(listing.id(picture), reason)
    left[picture] = 1
  }

  async function pixelsAt(order: PictureOrder, seed: number, position: number): Promise<Uint8Array> {
    for (let attempt = 0; attempt <= MOST_TRIED; attempt++) {
      const { picture, epoch } = attempt === 0 ? order.at(position) : order.instead(position, attempt)
      if (left[picture] !== 0) continue
      try {
        const { info, ...content } = await listing.read(picture)
        if (isHeldOut(info.concept, data)) {
          left[picture] = 1
          continue
        }
        const draw = trainingDraw(seed, epoch, picture)
        const pixels = await decodePicture(content, data.resolution, data.crop, isRandom(data.crop) ? draw : null)
        if (data.flip && draw.mirrored) mirror(pixels, data.resolution)
        return pixels
      } catch (error) {
        leaveOut(picture, reasonOf(error))
      }
    }
    const first = refused.first[0]
    throw new DataError(
      `none of ${MOST_TRIED} pictures that were tried can be trained on: all are held out or unreadable${first ? `, such as ${first.file} (${first.reason})` : ''}; lower data.heldOut (${data.heldOut}) or check the source`,
    )
  }

  async function make(order: PictureOrder, batchSize: number, seed: number, step: number): Promise<Uint8Array> {
    const rows = Array.from({ length: batchSize }, (_, row) => row)
    const size = data.resolution * data.resolution * 3
    const batch = new Uint8Array(batchSize * size)
    await sideBySide(rows, async (row) => batch.set(await pixelsAt(order, seed, step * batchSize + row), row * size))
    return batch
  }

  return {
    async batch(batchSize, seed, step) {
      if (prepared.seed !== seed || prepared.batchSize !== batchSize || prepared.order === null)
        prepared = { seed, batchSize, order: pictureOrder(listing, chosen, seed), steps: new Map() }
      const { order, steps } = prepared as { order: PictureOrder; steps: Map<number, Promise<Uint8Array>> }
      for (const known of steps.keys()) if (known < step || known > step + AHEAD) steps.delete(known)
      for (let wanted = step; wanted <= step + AHEAD; wanted++) {
        if (steps.has(wanted)) continue
        // One after the other, so that the batch that is wanted first is not held up by those behind it.
        const made = last.then(() => make(order, batchSize, seed, wanted))
        last = made.catch(() => {})
        steps.set(wanted, made)
      }
      const pixels = await (steps.get(step) as Promise<Uint8Array>)
      const unreadable = refused.first
      refused = new Refusals()
      // A copy: the same step may be asked for again, and what is handed out goes to another thread.
      return { pixels: pixels.slice(), unreadable }
    },
  }
}
