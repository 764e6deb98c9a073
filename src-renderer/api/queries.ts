import { keepPreviousData, QueryClient, queryOptions } from '@tanstack/react-query'
import type { Change } from '../../src-shared/contract/app.ts'
import { api } from './client.ts'
import { ConnectionError } from './connection.ts'

/**
 * What the window reads, by topic. A key starts with its topic, so that a change of the topic refreshes every query
 * that shows it; live.ts does that.
 */
export const statusQuery = queryOptions({ queryKey: ['status'], queryFn: () => api.app.status() })
export const settingsQuery = queryOptions({ queryKey: ['settings'], queryFn: () => api.app.settings() })
export const presetsQuery = queryOptions({
  queryKey: ['presets'],
  queryFn: () => api.presets.list(),
  staleTime: Number.POSITIVE_INFINITY,
})
export const modelsQuery = queryOptions({ queryKey: ['models'], queryFn: () => api.models.list() })
/** What each preset takes here; asked again whenever it is shown, since models get installed and paces measured. */
export const outlookQuery = queryOptions({
  queryKey: ['presets', 'outlook'],
  queryFn: () => api.presets.outlook(),
  staleTime: 5000,
})
export const runsQuery = queryOptions({ queryKey: ['runs'], queryFn: () => api.runs.list() })
export const runQuery = (id: string) => queryOptions({ queryKey: ['run', id], queryFn: () => api.runs.get({ id }) })
export const codebookEvaluationQuery = (id: string) =>
  queryOptions({
    queryKey: ['evaluations', 'codebook', id],
    queryFn: () => api.evaluations.codebook({ id }),
    retry: false,
  })
export const ablationsQuery = queryOptions({ queryKey: ['ablations'], queryFn: () => api.ablations.list() })
export const ablationQuery = (id: string) =>
  queryOptions({ queryKey: ['ablation', id], queryFn: () => api.ablations.get({ id }) })

/** Curves of several runs at once: refreshed when any of them changes; the old ones stay while new ones load. */
export const metricsQuery = (request: {
  runIds: string[]
  names: string[]
  maxPoints?: number
  fromStep?: number
  toStep?: number
}) =>
  queryOptions({
    queryKey: ['metrics', request],
    queryFn: () => api.runs.metrics(request),
    enabled: request.runIds.length > 0 && request.names.length > 0,
    placeholderData: keepPreviousData,
  })

/** What is planned, as the pre-flight check takes it. */
export type AblationPlan = Parameters<typeof api.plan.preflight>[0]
export const preflightQuery = (plan: AblationPlan | null) =>
  queryOptions({
    queryKey: ['preflight', plan],
    queryFn: () => api.plan.preflight(plan as AblationPlan),
    enabled: plan !== null,
    placeholderData: keepPreviousData,
    retry: false,
  })

export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // Changes are pushed by the app; nothing goes stale by the clock.
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        // An error of the app will be the same again; a lost line comes back by itself.
        retry: (count, error) => error instanceof ConnectionError && count < 20,
        retryDelay: 500,
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  })

/** True if a query with this key shows the thing that changed. */
export function showsChange(queryKey: readonly unknown[], change: Change): boolean {
  const [topic, detail] = queryKey
  switch (change.topic) {
    case 'run':
      if (topic === 'metrics') return (detail as { runIds: string[] }).runIds.includes(change.id)
      return topic === 'runs' || topic === 'paper' || (topic === 'run' && detail === change.id)
    case 'ablation':
      return topic === 'ablations' || (topic === 'ablation' && detail === change.id)
    case 'status':
      return topic === 'status'
    case 'data':
      return topic === 'data'
    case 'models':
      return topic === 'models'
    case 'paper':
      return topic === 'paper'
    case 'evaluations':
      return topic === 'evaluations' && (detail === 'list' || detail === 'one')
  }
}
