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

/** The LLM token of each code id; empty for an independent codebook. */
export const useTokens = (runId: string) => useQuery({ ...tokensOf(runId), select: ({ tokens }) => tokens })

/** Text of each token id of the language model, which codes may be some of. */
export const useVocabulary = (runId: string) => useQuery({ ...tokensOf(runId), select: ({ vocabulary }) => vocabulary })

const tokensOf = (runId: string) => ({
  queryKey: ['tokens', runId],
  queryFn: () => api.runs.tokens({ id: runId }),
})

/** A token as text: spaces and line ends made visible, nothing left empty. */
export function tokenText(tokens: readonly string[] | undefined, code: number): string {
  const token = tokens?.[code]
  if (token === undefined) return ''
  return token === '' ? '(empty)' : token.replaceAll(' ', '␣').replaceAll('\n', '⏎').replaceAll('\t', '⇥')
}
