/** The recorded step nearest to the one asked for; the last one if none is asked for; null if there is none. */
export function nearestStep(steps: readonly number[], wanted: number | null): number | null {
  if (steps.length === 0) return null
  if (wanted === null) return steps.at(-1) as number
  return steps.reduce((best, step) => (Math.abs(step - wanted) < Math.abs(best - wanted) ? step : best))
}

/** The recorded step `by` places later (negative: earlier), staying within the list. */
export function neighbouringStep(steps: readonly number[], from: number, by: number): number {
  const at = steps.indexOf(nearestStep(steps, from) ?? from)
  return steps[Math.min(steps.length - 1, Math.max(0, at + by))] ?? from
}

/** Steps that every one of some runs recorded, ascending. */
export function commonSteps(lists: readonly (readonly number[])[]): number[] {
  const [first = [], ...rest] = lists
  return first.filter((step) => rest.every((list) => list.includes(step)))
}
