import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { MetricSeries } from '../../src-shared/contract/runs.ts'
import { metricsQuery } from '../api/queries.ts'
import type { Range } from './chart-layout.ts'
import { keepSeries } from './keep-series.ts'

// A function of the module: react-query shares anew whenever it is given another one.
const keep = (old: unknown, next: unknown) => keepSeries(old as MetricSeries[] | undefined, next as MetricSeries[])

/**
 * Series of some metrics of some runs.
 * @param steps visible steps, so that a zoomed chart gets all points there are; null: all steps
 */
export function useMetrics(
  runIds: readonly string[],
  names: readonly string[],
  maxPoints: number,
  steps: Range | null,
) {
  const request = useMemo(
    () => ({
      runIds: [...runIds],
      names: [...names],
      maxPoints,
      ...(steps ? { fromStep: Math.max(0, Math.floor(steps[0])), toStep: Math.max(0, Math.ceil(steps[1])) } : {}),
    }),
    [runIds, names, maxPoints, steps],
  )
  return useQuery({ ...metricsQuery(request), structuralSharing: keep })
}
