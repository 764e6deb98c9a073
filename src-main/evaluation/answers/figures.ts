import type { AnswerFigure, AnswerMetricName } from '../../../src-shared/answer-results.ts'

/** What a figure is a mean of. */
export interface Scored {
  /** 0 to 1 */
  score: number
  groups: Readonly<Record<string, string>>
}

/** A mean of all questions. */
export function meanFigure(
  metric: AnswerMetricName,
  rows: readonly { score: number }[],
  by = '',
  group = '',
): AnswerFigure {
  const sum = rows.reduce((total, { score }) => total + score, 0)
  // 100 × sum first, as the VQA tools: their two printed decimals depend on it.
  return { metric, by, group, percent: rows.length === 0 ? 0 : (100 * sum) / rows.length, questions: rows.length }
}

/** A mean of all questions, and one of each group; rows that are of none of a kind's groups are in none of its means. */
export function meanFigures(
  metric: AnswerMetricName,
  rows: readonly Scored[],
  kinds: readonly string[],
): AnswerFigure[] {
  return [
    meanFigure(metric, rows),
    ...kinds.flatMap((by) => groupsOf(rows, by).map(([group, some]) => meanFigure(metric, some, by, group))),
  ]
}

/** Rows by what they are of, in the order of the groups' names. */
export function groupsOf<Row extends { groups: Readonly<Record<string, string>> }>(
  rows: readonly Row[],
  by: string,
): [group: string, rows: Row[]][] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = row.groups[by]
    if (group === undefined) continue
    const some = groups.get(group)
    if (some) some.push(row)
    else groups.set(group, [row])
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}
