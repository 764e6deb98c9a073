import type { RunSummary } from '../../../src-shared/contract/runs.ts'

/** What a run shows of itself, by the tab of its page. */
export const RUN_VIEWS = [
  { tab: 'codebook', label: 'Codebook' },
  { tab: 'drift', label: 'Drift map' },
  { tab: 'maps', label: 'Code maps' },
  { tab: 'speak', label: 'Chat and paint' },
] as const
export type RunViewTab = (typeof RUN_VIEWS)[number]['tab']

/** Address of one of them. */
export const runViewAddress = (id: string, tab: RunViewTab): string => `/runs/${id}?tab=${tab}`

/** The run to show a view of: the latest one that has it. One that talks or paints has begun its second stage, or its prior. */
export const latestRunWith = (runs: readonly RunSummary[], tab: RunViewTab): RunSummary | undefined =>
  latestRun(tab === 'speak' ? runs.filter(({ latest }) => 'multimodal.loss' in latest || 'prior.loss' in latest) : runs)

/** The run that began to train last, for it has most to show; while none has, the one that was planned last. */
export function latestRun(runs: readonly RunSummary[]): RunSummary | undefined {
  const rank = ({ startedAt, createdAt }: RunSummary) => [startedAt ?? Number.NEGATIVE_INFINITY, createdAt] as const
  return runs.toSorted((a, b) => {
    const [[startedA, createdA], [startedB, createdB]] = [rank(a), rank(b)]
    return startedA === startedB ? createdB - createdA : startedB - startedA
  })[0]
}
