import { useMemo } from 'react'
import { codebookRows } from '../../../../src-shared/code-maps.ts'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import { type CodeNames, codeNames } from '../../../pictures/code-names.ts'
import { useTokens } from '../../../pictures/use-sample.ts'

/** Names and number of a run's codes; null while they are not known, with what went wrong. */
export function useRunCodes({ id, config }: RunDetail): {
  codes: { names: CodeNames; size: number } | null
  error: unknown
  retry: () => void
} {
  const { data, error, refetch } = useTokens(id, true)
  const codes = useMemo(() => {
    if (!data) return null
    const size = codebookRows(config, data.vocabulary.length)
    return { names: codeNames(size, data), size }
  }, [config, data])
  return { codes, error, retry: () => void refetch() }
}
