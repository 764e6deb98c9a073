import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { CodebookEvaluation } from '../../../../src-shared/codebook-evaluation.ts'
import { api } from '../../../api/client.ts'
import { codebookEvaluationQuery } from '../../../api/queries.ts'

/** How far measuring is; null: nothing is being measured. */
export type Measuring = { share: number; words: string } | null

/** Measures a run's codebook on request. Leaving the view stops it. */
export function useMeasuring(id: string): {
  measuring: Measuring
  error: unknown
  start: (asked: CodebookEvaluation) => void
  stop: () => void
} {
  const client = useQueryClient()
  const [measuring, setMeasuring] = useState<Measuring>(null)
  const [error, setError] = useState<unknown>(null)
  const abort = useRef<AbortController | null>(null)
  const stop = useCallback(() => {
    abort.current?.abort()
    abort.current = null
    setMeasuring(null)
  }, [])
  useEffect(() => stop, [stop])
  const start = useCallback(
    async (asked: CodebookEvaluation) => {
      const own = new AbortController()
      abort.current = own
      setError(null)
      setMeasuring({ share: 0, words: 'opening the run' })
      try {
        const events = await api.evaluations.measureCodebook({ id, asked }, { signal: own.signal })
        for await (const event of events) {
          if (own.signal.aborted) return
          if (event.kind === 'progress') setMeasuring({ share: event.share, words: event.words })
          else client.setQueryData(codebookEvaluationQuery(id).queryKey, event.measured)
        }
      } catch (cause) {
        if (!own.signal.aborted) setError(cause)
      } finally {
        if (abort.current === own) setMeasuring(null)
      }
    },
    [client, id],
  )
  return { measuring, error, start: (asked) => void start(asked), stop }
}
