import type { RunSummary } from '../../../src-shared/contract/runs.ts'

/** Runs of one arm of one ablation: the same settings, different seeds. */
export interface Arm<R> {
  label: string
  runs: R[]
}

/** Groups runs by arm, in the order in which they come; null unless all belong to one ablation. */
export function armsOf<R extends Pick<RunSummary, 'ablationId' | 'armLabel' | 'name'>>(
  runs: readonly R[],
): Arm<R>[] | null {
  const [first] = runs
  if (!first?.ablationId || runs.some((run) => run.ablationId !== first.ablationId)) return null
  const arms = new Map<string, Arm<R>>()
  for (const run of runs) {
    const label = run.armLabel ?? run.name
    const arm = arms.get(label) ?? { label, runs: [] }
    arm.runs.push(run)
    arms.set(label, arm)
  }
  return [...arms.values()]
}
