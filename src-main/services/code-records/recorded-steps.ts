import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { UnreadableStep } from '../../../src-shared/contract/code-records.ts'
import { stepFileName, stepsIn } from '../../jobs/checkpoints.ts'
import { openTensorParts, type TensorParts } from './tensor-parts.ts'

/** What is read of every sample of a run, step by step, and which samples could not be read and why. */
export interface RecordedSteps<T> {
  steps: number[]
  values: T[]
  unreadable: UnreadableStep[]
}

/**
 * Opens each sample of a folder in turn. One that cannot be read (torn by a crash or a full disk) is named and passed
 * over, so that it does not hide the others.
 * @param steps which; all of the folder by default
 */
export async function readSteps<T>(
  folder: string,
  read: (parts: TensorParts, step: number, path: string) => Promise<T>,
  steps: readonly number[] = stepsIn(folder),
): Promise<RecordedSteps<T>> {
  const result: RecordedSteps<T> = { steps: [], values: [], unreadable: [] }
  for (const step of steps) {
    const path = join(folder, stepFileName(step))
    try {
      const parts = await openTensorParts(path)
      try {
        result.values.push(await read(parts, step, path))
        result.steps.push(step)
      } finally {
        await parts.close()
      }
    } catch (error) {
      result.unreadable.push({ step, message: (error as Error).message })
    }
  }
  return result
}

/** Number of layers a sample has code maps of. */
export function layersIn(parts: TensorParts): number {
  let layers = 0
  while (parts.shape(`codes.${layers}`)) layers++
  return layers
}

/** Columns are kept up to so many bytes: a run of a hundred samples with 49,152 codes and two layers. */
const KEPT_BYTES = 64 * 2 ** 20

/**
 * Keeps the whole per-code tensors that were read last, so that another order or another size of the picture does not
 * read them again. A file that was written anew (a resumed run does that) is read anew.
 */
export function createColumnCache() {
  const kept = new Map<string, Int32Array>()
  let bytes = 0
  return async (parts: TensorParts, path: string, name: string): Promise<Int32Array> => {
    const { mtimeMs, size } = await stat(path)
    const key = `${path} ${mtimeMs} ${size} ${name}`
    const known = kept.get(key)
    const column = known ?? (await parts.read(name, 'I32'))
    kept.delete(key)
    kept.set(key, column)
    if (!known) bytes += column.byteLength
    for (const [oldest, { byteLength }] of kept) {
      if (bytes <= KEPT_BYTES || kept.size === 1) break
      kept.delete(oldest)
      bytes -= byteLength
    }
    return column
  }
}
export type ColumnCache = ReturnType<typeof createColumnCache>
