import { parentPort, workerData } from 'node:worker_threads'
import { DataError } from '../source.ts'
import { listSource } from '../sources/list-source.ts'
import { limited } from '../split.ts'
import { streamBatches } from './batches.ts'
import { lookAtPictures } from './looked-at.ts'
import type { BatchRequest, StreamAnswer, StreamOrder } from './messages.ts'

/**
 * The thread of one stream: it lists, reads, hashes and crops, and sharp decodes on threads of its own. A training step
 * holds up the thread that it runs on for seconds; nothing here waits for it.
 */

const say = (answer: StreamAnswer, transfer: ArrayBuffer[] = []): void => parentPort?.postMessage(answer, transfer)
const sayFailed = (id: number | null, error: unknown): void =>
  say({
    kind: 'failed',
    id,
    data: error instanceof DataError,
    message: error instanceof Error ? error.message : String(error),
  })

async function open({ data, cacheDir }: StreamOrder): Promise<void> {
  const listing = await listSource(data.source, cacheDir)
  const chosen = limited(listing, data)
  const key = await lookAtPictures(listing, chosen, data, {
    cacheDir,
    onProgress: (done, total, what) => say({ kind: 'progress', done, total, what }),
  })
  const stream = streamBatches(listing, chosen, data)
  parentPort?.on('message', ({ id, batchSize, seed, step }: BatchRequest) => {
    stream.batch(batchSize, seed, step).then(
      ({ pixels, unreadable }) => say({ kind: 'batch', id, pixels, unreadable }, [pixels.buffer as ArrayBuffer]),
      (error: unknown) => sayFailed(id, error),
    )
  })
  const { count, first } = listing.refused
  say({ kind: 'opened', key, offered: listing.count, epoch: chosen.length, refused: { count, first } })
}

await open(workerData as StreamOrder).catch((error: unknown) => sayFailed(null, error))
