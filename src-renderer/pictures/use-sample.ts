import { useQuery } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { decodeSample, type Sample } from './sample.ts'

/**
 * The sample that a run recorded at `step`; null: none asked for. A sample never changes, so it is fetched and decoded
 * once; while another step is on its way the last one stays in view.
 */
export function useSample(runId: string, step: number | null) {
  return useQuery<Sample>({
    queryKey: ['sample', runId, step],
    queryFn: async () => {
      const { step: recorded, file } = await api.runs.sample({ id: runId, step: step as number })
      return decodeSample(recorded, new Uint8Array(await file.arrayBuffer()))
    },
    enabled: step !== null,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 5 * 60_000,
    placeholderData: (previous, query) => (query?.queryKey[1] === runId ? previous : undefined),
  })
}

/** The LLM token of each code id; empty for an independent codebook. */
export function useTokens(runId: string) {
  return useQuery({
    queryKey: ['tokens', runId],
    queryFn: async () => (await api.runs.tokens({ id: runId })).tokens,
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** A token as text: spaces and line ends made visible, nothing left empty. */
export function tokenText(tokens: readonly string[] | undefined, code: number): string {
  const token = tokens?.[code]
  if (token === undefined) return ''
  return token === '' ? '(empty)' : token.replaceAll(' ', '␣').replaceAll('\n', '⏎').replaceAll('\t', '⇥')
}
