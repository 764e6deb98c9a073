import type { MetricSeries } from '../../src-shared/contract/runs.ts'

/** Whether two downsampled answers hold the same points: values are only ever appended to a series. */
const same = (a: MetricSeries, b: MetricSeries): boolean =>
  a.total === b.total && a.step.length === b.step.length && a.step[0] === b.step[0] && a.step.at(-1) === b.step.at(-1)

/**
 * The new series, with the old object wherever nothing was appended, so that a chart whose metric did not change is not
 * drawn again; the old list itself if nothing changed at all. Cheaper than comparing every number.
 */
export function keepSeries(old: MetricSeries[] | undefined, next: MetricSeries[]): MetricSeries[] {
  if (old === undefined) return next
  const before = new Map(old.map((series) => [`${series.runId} ${series.name}`, series]))
  const kept = next.map((series) => {
    const one = before.get(`${series.runId} ${series.name}`)
    return one && same(one, series) ? one : series
  })
  return kept.length === old.length && kept.every((series, index) => series === old[index]) ? old : kept
}
