import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { decodeSafetensors, SafetensorsError } from '../../../../src-shared/safetensors.ts'
import { api } from '../../../api/client.ts'

/** What one sync did to the codes that had left their rows (events.ts, SyncLayout). */
export interface SyncMove {
  /** [U] */
  moved: Int32Array
  /** [U · 2] */
  before: Float32Array
  after: Float32Array
}

/** @throws SafetensorsError naming the tensor that is missing or of another type */
export function decodeSync(bytes: Uint8Array): SyncMove {
  const { tensors } = decodeSafetensors(bytes)
  const [moved, before, after] = ['moved', 'before', 'after'].map((name) => tensors[name]?.data)
  if (!(moved instanceof Int32Array)) throw new SafetensorsError('sync file: tensor "moved" is missing or no I32')
  if (!(before instanceof Float32Array && before.length === 2 * moved.length))
    throw new SafetensorsError(`sync file: tensor "before" is missing or not [${moved.length}, 2]`)
  if (!(after instanceof Float32Array && after.length === 2 * moved.length))
    throw new SafetensorsError(`sync file: tensor "after" is missing or not [${moved.length}, 2]`)
  return { moved, before, after }
}

/** Steps of the syncs whose files were kept. @param count syncs so far: with each the list is read anew */
export const useSyncSteps = (runId: string, count: number) =>
  useQuery({
    queryKey: ['syncs', runId, count],
    queryFn: async () => (await api.runs.syncs({ id: runId })).steps,
    placeholderData: keepPreviousData,
  })

/** One sync; null: none asked for. */
export const useSync = (runId: string, step: number | null) =>
  useQuery({
    queryKey: ['sync', runId, step],
    queryFn: async () => {
      const { file } = await api.runs.sync({ id: runId, step: step as number })
      return decodeSync(new Uint8Array(await file.arrayBuffer()))
    },
    enabled: step !== null,
    gcTime: 60_000,
    placeholderData: (previous) => (step === null ? undefined : previous),
  })
