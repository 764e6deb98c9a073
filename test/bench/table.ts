import { cpus } from 'node:os'
import type { Result } from './contest.ts'

export interface Report {
  bench: string
  threads: number
  cases: { case: string; steps: number; unit?: string; ratioOf: 'time' | 'rate'; results: Result[] }[]
}

/** A report for people: one block a case, one line a contestant. */
export function tableOf({ bench, threads, cases }: Report): string {
  const [processor] = cpus()
  const lines = [`${bench}, ${threads} threads, ${processor?.model ?? process.arch}`]
  for (const { case: name, steps, unit, ratioOf, results } of cases) {
    const head = ['', 'median ms', 'least ms', ...(unit ? [`${unit}/s`] : []), 'peak MB']
    const compared = results.length > 1 ? [ratioOf === 'time' ? 'time ours/this' : 'rate ours/this', 'memory'] : []
    const rows = results.map((result) => [
      `${result.name}: ${result.version}`,
      result.ms.toFixed(1),
      result.minMs.toFixed(1),
      ...(unit ? [(result.perSecond ?? 0).toFixed(1)] : []),
      result.peakMemoryMB?.toFixed(0) ?? '',
      ...(compared.length > 0 ? [result.ratio?.toFixed(2) ?? '', result.memoryRatio?.toFixed(2) ?? ''] : []),
    ])
    lines.push('', `${name}, ${steps} steps`, ...aligned([[...head, ...compared], ...rows]))
    const own = results[0]
    if (own?.compileMs !== undefined) lines.push(`ours is traced and compiled in ${own.compileMs.toFixed(0)} ms`)
  }
  return `${lines.join('\n')}\n`
}

/** First column to the left, numbers to the right. */
function aligned(rows: readonly string[][]): string[] {
  const widths = (rows[0] as string[]).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number),
      )
      .join('  ')
      .trimEnd(),
  )
}
