import { Worker } from 'node:worker_threads'
import type { DataConfig } from '../../../src-shared/config.ts'
import { entryFileBeside } from '../../engine/entry-file.ts'
import { readCache } from '../picture-cache.ts'
import type { OpenOptions, PictureSet, TrainingBatch } from '../picture-set.ts'
import { DataError, Refusals } from '../source.ts'
import { splitByConcept } from '../split.ts'
import type { BatchRequest, StreamAnswer, StreamOrder } from './messages.ts'

/**
 * The pictures of a config, read as they are wanted by a thread of their own. At hand are the held-out ones and a sample
 * of the others, which the thread has decoded into the cache.
 * @throws DataError if the source is missing, empty, or leaves one side of the split without pictures
 */
export async function openStream(data: DataConfig, { cacheDir, onProgress }: OpenOptions): Promise<PictureSet> {
  const reader = startReader({ data, cacheDir }, onProgress)
  try {
    const { key, offered, epoch, refused } = await reader.opened
    const cached = readCache(cacheDir, key, data.resolution * data.resolution * 3)
    const looked = cached?.index.looked
    if (!cached || !looked)
      throw new DataError(
        `the pictures just written to "${cacheDir}" do not read back as written; check the disk, or choose another home folder`,
      )
    const { index, pixels } = cached
    const unreadable = new Refusals()
    for (const { file, reason } of [...refused.first, ...index.unreadable]) unreadable.add(file, reason)
    const all = looked.described.length
    return {
      resolution: data.resolution,
      count: index.pictures.length,
      pixels,
      pictures: index.pictures,
      ...splitByConcept(index.pictures, data),
      unreadable: unreadable.first,
      unreadableCount: refused.count + (index.unreadableCount ?? index.unreadable.length),
      checksum: index.checksum,
      offered,
      trainingCount: Math.round((epoch * looked.training) / Math.max(1, all)),
      described: looked.described,
      epoch,
      batch: (batchSize, seed, step) => reader.batch({ batchSize, seed, step }),
      close: reader.close,
    }
  } catch (error) {
    await reader.close()
    throw error
  }
}

type Opened = Extract<StreamAnswer, { kind: 'opened' }>

/** Starts the thread. It keeps the process alive only while an answer is awaited. */
function startReader(order: StreamOrder, onProgress: OpenOptions['onProgress']) {
  const worker = new Worker(entryFileBeside(import.meta.url, 'picture-stream', 'worker'), { workerData: order })
  const opening = Promise.withResolvers<Opened>()
  const waiting = new Map<number, PromiseWithResolvers<TrainingBatch>>()
  let opened = false
  let next = 0
  let ended: Error | null = null
  const settle = (): void => {
    if (opened && waiting.size === 0) worker.unref()
  }
  const end = (error: Error): void => {
    ended ??= error
    opening.reject(error)
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  worker.on('message', (answer: StreamAnswer) => {
    if (answer.kind === 'progress') onProgress?.(answer.done, answer.total, answer.what)
    else if (answer.kind === 'opened') {
      opened = true
      opening.resolve(answer)
    } else if (answer.kind === 'batch') {
      waiting.get(answer.id)?.resolve({ pixels: answer.pixels, unreadable: answer.unreadable })
      waiting.delete(answer.id)
    } else {
      const error = answer.data ? new DataError(answer.message) : new Error(answer.message)
      if (answer.id === null) end(error)
      else {
        waiting.get(answer.id)?.reject(error)
        waiting.delete(answer.id)
      }
    }
    settle()
  })
  worker.on('error', (error) => end(error instanceof Error ? error : new Error(String(error))))
  worker.on('exit', (code) => end(new Error(`the thread that reads pictures has ended with code ${code}`)))
  return {
    opened: opening.promise,
    batch(request: Omit<BatchRequest, 'id'>): Promise<TrainingBatch> {
      if (ended) return Promise.reject(ended)
      const answer = Promise.withResolvers<TrainingBatch>()
      const id = next++
      waiting.set(id, answer)
      worker.ref()
      worker.postMessage({ ...request, id } satisfies BatchRequest)
      return answer.promise
    },
    close: async (): Promise<void> => {
      await worker.terminate()
    },
  }
}
