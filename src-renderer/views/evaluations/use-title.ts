import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { type AskedEvaluation, evaluationTitle } from '../../../src-shared/kept-evaluations.ts'
import { runsQuery } from '../../api/queries.ts'

/** What evaluations are called, runs by their names. */
export function useEvaluationTitle(): (asked: AskedEvaluation) => string {
  const { data: runs } = useQuery(runsQuery)
  return useCallback(
    (asked) =>
      evaluationTitle(asked, (id) => {
        const run = runs?.find((one) => one.id === id)
        return run ? `${run.name}, seed ${run.seed}` : `run ${id}`
      }),
    [runs],
  )
}
