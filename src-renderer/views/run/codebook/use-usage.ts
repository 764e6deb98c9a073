import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import type { UsageOverTime, UsageQuery } from '../../../../src-shared/contract/code-records.ts'
import { decodeSafetensors, SafetensorsError } from '../../../../src-shared/safetensors.ts'
import { api } from '../../../api/client.ts'

/** A heat map of codes, ready to draw (contract/code-records.ts, UsageOverTime). */
export interface UsageMap extends Omit<UsageOverTime, 'file'> {
  /** [rows · columns] */
  value: Int32Array
  top: Int32Array
  /** [N] */
  codes: Int32Array
}

/**
 * @param samples number of samples that the run has: with each new one the map is read anew. Not with every change of
 * a running run, of which there are ten a second.
 */
const usageQuery = (request: UsageQuery, samples: number) =>
  queryOptions<UsageMap>({
    queryKey: ['usage', request, samples],
    queryFn: async () => {
      const { file, ...rest } = await api.runs.usageOverTime(request)
      const { tensors } = decodeSafetensors(new Uint8Array(await file.arrayBuffer()))
      const column = (name: string): Int32Array => {
        const data = tensors[name]?.data
        if (data instanceof Int32Array) return data
        throw new SafetensorsError(`heat map: tensor "${name}" is missing`)
      }
      return { ...rest, value: column('value'), top: column('top'), codes: column('codes') }
    },
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  })

export const useUsage = (request: UsageQuery, samples: number) =>
  useQuery({ ...usageQuery(request, samples), enabled: samples > 0 && request.rows > 0 })
