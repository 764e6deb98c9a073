import { queryOptions, useQuery } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { decodeSample, type Sample } from './sample.ts'

/** The decoded sample that a run recorded at `step`. It never changes, so it is fetched and decoded once. */
export const sampleQuery = (runId: string, step: number | null) =>
  queryOptions<Sample>({
    queryKey: ['sample', runId, step],
    queryFn: async () => {
      const { step: recorded, file } = await api.runs.sample({ id: runId, step: step as number })
      return decodeSample(recorded, new Uint8Array(await file.arrayBuffer()))
    },
    gcTime: 5 * 60_000,
    // While another step is on its way the last one of the same run stays in view.
    placeholderData: (previous, query) => (query?.queryKey[1] === runId ? previous : undefined),
  })

/** The sample of a run at a step; null: none asked for. */
export const useSample = (runId: string, step: number | null) =>
  useQuery({ ...sampleQuery(runId, step), enabled: step !== null })

/** Token texts and token ids of a run's codes. @param ready a run that has not begun may have none yet to remember */
export const useTokens = (runId: string, ready: boolean) =>
  useQuery({ queryKey: ['tokens', runId], queryFn: () => api.runs.tokens({ id: runId }), enabled: ready })
