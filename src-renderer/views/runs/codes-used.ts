import type { RunSummary } from '../../../src-shared/contract/runs.ts'

/** Codes used per layer at the latest evaluation, coarse layer first. */
export function codesUsed(run: RunSummary): number[] {
  const counts: number[] = []
  for (let layer = 0; ; layer++) {
    const count = run.latest[`usage.codes.${layer}`]
    if (count === undefined) return counts
    counts.push(count)
  }
}
