import type { PaperCellCard, PaperCellView, PaperColumnView } from '../../../../src-shared/contract/paper.ts'
import {
  ARROWS,
  hereTexts,
  incomparableText,
  measureText,
  valueText,
} from '../../../../src-shared/paper/figure-text.ts'
import type { TableWithCards } from './html.ts'

/** Text for Markdown: nothing in it is taken for a mark, an entity or mathematics. */
export const markdownText = (text: string): string =>
  text
    .replaceAll(/[\\`*_[\]<>|#~&$]/g, (mark) => `\\${mark}`)
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(/^(?=[+-]( |$))/, '\\')
    .replace(/^(\d+)(?=[.)]( |$))/, '$1\\')

/**
 * Tables as Markdown. Of each: first line of a row, published; second, what was measured or imported here, with the interval
 * of the mean; then how each measured row compares with the baseline row, over seeds and question by question.
 */
export const paperMarkdown = (tables: readonly TableWithCards[]): string =>
  `${tables.map(tableMarkdown).join('\n\n')}\n`

function tableMarkdown({ view, cards }: TableWithCards): string {
  const { id, title, sentence, note, rows, families, family } = view
  const label = families.find(({ key }) => key === family)?.label
  // Columns of neither published nor measured figures say nothing.
  const shown = view.columns.flatMap((column, at) =>
    rows.some(({ cells }) => cells[at] && (cells[at].published !== null || here(cells[at], column) !== ''))
      ? [{ column, at }]
      : [],
  )
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const body = rows.flatMap(({ name, cells }) => {
    const each = shown.map(({ column, at }) => ({ column, cell: cells[at] as PaperCellView }))
    const published = each.map(({ cell }) => bold(markdownText(cell.published ?? '–'), cell.publishedBest))
    const own = each.map(({ cell, column }) => here(cell, column))
    return [
      line([markdownText(name), ...published]),
      ...(own.some((text) => text !== '') ? [line(['*here*', ...own])] : []),
    ]
  })
  const reasons = new Set(
    rows.flatMap(({ cells }) => cells.flatMap(({ incomparable }) => incomparableText(incomparable))),
  )
  reasons.delete('')
  return [
    `## Table ${id}. ${markdownText(title)}`,
    markdownText(sentence),
    ...(note ? [markdownText(note)] : []),
    ...(label
      ? [`Here: ${markdownText(label)}. Beside the published figures: ${[...reasons].join('; ') || 'comparable'}.`]
      : []),
    [
      line(['', ...shown.map(({ column }) => headText(column))]),
      line(['---', ...shown.map(() => '---:')]),
      ...body,
    ].join('\n'),
    ...comparisons(cards),
  ].join('\n\n')
}

const bold = (text: string, isBold: boolean): string => (isBold ? `**${text}**` : text)

function headText(column: PaperColumnView): string {
  const measure = measureText(column)
  const arrow = column.better ? ` ${ARROWS[column.better]}` : ''
  return `${markdownText(column.key)}${arrow}${measure === '' ? '' : `<br>*${markdownText(measure)}*`}`
}

function here(cell: PaperCellView, column: PaperColumnView): string {
  const text = bold(hereTexts(cell, column).map(markdownText).join(', '), cell.measured?.best ?? false)
  const { low, high } = cell.measured ?? { low: null, high: null }
  if (low === null || high === null || !column.measure) return text
  const { decimals } = column.measure
  return `${text}<br>[${valueText(low, decimals)}, ${valueText(high, decimals)}]`
}

/** Of each measured cell that is not the baseline's: a sentence over seeds, and one question by question. */
function comparisons(cards: readonly PaperCellCard[]): string[] {
  const lines = cards.flatMap(({ row, column, measure, cell, byQuestion }) => {
    const sentences = [cell.measured?.comparison?.sentence, byQuestion].filter((text) => text)
    if (sentences.length === 0) return []
    const what = measure ? `${column} (${measure.label})` : column
    return [`- ${markdownText(`${row}, ${what}: ${sentences.join(' ')}`)}`]
  })
  return lines.length === 0
    ? []
    : [
        `<details><summary>Row against row, over seeds and question by question</summary>\n\n${lines.join('\n')}\n\n</details>`,
      ]
}
