import type { DataConfig } from '../../src-shared/config.ts'
import { batchIndices } from './batches.ts'
import { drawsByWeight } from './picture-order.ts'
import type { PictureSet } from './picture-set.ts'
import { mirror, trainingDraw } from './training-draw.ts'

type Cached = Pick<PictureSet, 'pixels' | 'pictures' | 'training' | 'resolution'>

/** Training batches of pictures that are decoded already. */
export function cachedBatches(set: Cached, { source, flip }: Pick<DataConfig, 'source' | 'flip'>): PictureSet['batch'] {
  const { resolution, pixels, training } = set
  const size = resolution * resolution * 3
  const draw = source.kind === 'mixture' ? mixedIndices(set, source.parts) : batchIndices.bind(null, training)
  return async (batchSize, seed, step) => {
    const batch = new Uint8Array(batchSize * size)
    for (const [row, index] of draw(batchSize, seed, step).entries()) {
      const picture = batch.subarray(row * size, (row + 1) * size)
      picture.set(pixels(index))
      const epoch = Math.floor((step * batchSize + row) / training.length)
      if (flip && trainingDraw(seed, epoch, index).mirrored) mirror(picture, resolution)
    }
    return { pixels: batch, unreadable: [] }
  }
}

/** Each part in epochs of its own, and the parts by weight. Pictures of part p have ids that begin with "p/". */
function mixedIndices({ pictures, training }: Cached, parts: readonly { weight: number }[]) {
  const byPart = Map.groupBy(training, (index) => Number(pictures[index]?.id.split('/', 1)[0]) - 1)
  const used = parts.flatMap(({ weight }, part) => {
    const indices = byPart.get(part)
    return indices ? [{ weight, indices, part }] : []
  })
  const drawsOf = new Map<number, ReturnType<typeof drawsByWeight>>()
  return (batchSize: number, seed: number, step: number): number[] => {
    const draws =
      drawsOf.get(seed) ??
      drawsByWeight(
        used.map(({ weight }) => weight),
        seed,
      )
    drawsOf.set(seed, draws)
    return Array.from({ length: batchSize }, (_, row) => {
      const { part, nth } = draws(step * batchSize + row)
      const { indices, part: number } = used[part] as (typeof used)[number]
      // A seed per part: two parts of one size would go through the same order.
      return batchIndices(indices, 1, seed + number * 0x9e3779b1, nth)[0] as number
    })
  }
}
