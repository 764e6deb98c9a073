import type { RunSummary } from '../../../src-shared/contract/runs.ts'

export interface RunFilter {
  /** Words that must all occur in the name, arm, paradigm, tokenizer, note, id or a tag. */
  search: string
  /** Empty: every state. */
  states: readonly string[]
  /** Every one must be there. */
  tags: readonly string[]
}

export function filterRuns(runs: readonly RunSummary[], filter: RunFilter): RunSummary[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean)
  return runs.filter((run) => {
    if (filter.states.length > 0 && !filter.states.includes(run.state)) return false
    if (!filter.tags.every((tag) => run.tags.includes(tag))) return false
    const text = [run.name, run.armLabel, run.paradigm, run.tokenizer, run.note, run.id, ...run.tags]
      .join('\n')
      .toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** How many runs there are per state and per tag, most first. */
export function countBy(runs: readonly RunSummary[], keys: (run: RunSummary) => readonly string[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const run of runs) for (const key of keys(run)) counts.set(key, (counts.get(key) ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b))
}
