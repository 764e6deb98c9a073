import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import type { CodePatches, PatchQuery } from '../../../../src-shared/contract/code-records.ts'
import { decodeSafetensors } from '../../../../src-shared/safetensors.ts'
import { api } from '../../../api/client.ts'

/** @param samples number of samples that the run has: with each new one the life goes on */
export const codeHistoryQuery = (runId: string, code: number, samples: number) =>
  queryOptions({
    queryKey: ['code history', runId, code, samples],
    queryFn: () => api.runs.codeHistory({ id: runId, code }),
    gcTime: 60_000,
    enabled: samples > 0,
  })
export const useCodeHistory = (runId: string, code: number, samples: number) =>
  useQuery({ ...codeHistoryQuery(runId, code, samples), placeholderData: keepPreviousData })

/** A region that a code paints, with its pixels: RGBA, side × side. */
export type Patch = CodePatches['patches'][number] & {
  input: Uint8ClampedArray<ArrayBuffer>
  reconstruction: Uint8ClampedArray<ArrayBuffer>
}

export const usePatches = (request: PatchQuery) =>
  useQuery({
    queryKey: ['patches', request],
    queryFn: async () => {
      const { patches, file, unreadable } = await api.runs.codePatches(request)
      const { tensors } = decodeSafetensors(new Uint8Array(await file.arrayBuffer()))
      const pixels = (name: string) => new Uint8ClampedArray((tensors[name]?.data ?? []) as Uint8Array)
      return {
        unreadable,
        patches: patches.map(
          (patch, index): Patch => ({
            ...patch,
            input: pixels(`input.${index}`),
            reconstruction: pixels(`reconstruction.${index}`),
          }),
        ),
      }
    },
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  })
