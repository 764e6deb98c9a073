import type {
  PaperCellCard,
  PaperCellView,
  PaperColumnView,
  PaperTableView,
} from '../../../../src-shared/contract/paper.ts'
import { ARROWS, hereTexts, incomparableText, measureText } from '../../../../src-shared/paper/figure-text.ts'
import { markupText } from './markup.ts'

const STYLE = `
:root { color-scheme: light dark; --ground: #f5f6f8; --surface: #fff; --line: #dde2e7; --text: #14181d; --muted: #4b5560; --accent: #0a5a9c }
@media (prefers-color-scheme: dark) { :root { --ground: #0e1114; --surface: #14181c; --line: #262d34; --text: #e7ebef; --muted: #a9b3be; --accent: #6cbcf0 } }
body { background: var(--ground); color: var(--text); font: 13px/20px system-ui, sans-serif; margin: 0 auto; max-width: 1200px; padding: 24px }
h1 { font-size: 24px; line-height: 32px; margin: 0 } h2 { font-size: 16px; margin: 40px 0 4px } p { margin: 4px 0; max-width: 90ch } .muted { color: var(--muted) }
.scroll { overflow-x: auto } table { background: var(--surface); border: 1px solid var(--line); border-collapse: collapse; font-variant-numeric: tabular-nums; margin-top: 12px; min-width: 100% }
th, td { border-bottom: 1px solid var(--line); padding: 6px 10px; text-align: right; vertical-align: top; white-space: nowrap } th:first-child { text-align: left }
thead th, .small { color: var(--muted); font-size: 11.5px; font-weight: 500 } tbody th { font-weight: 600 } .here { color: var(--accent) } .best { font-weight: 700 }
details { margin-top: 8px } summary { cursor: pointer } dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 8px 0 16px } dt { color: var(--muted) } dd { margin: 0; overflow-wrap: anywhere } h3 { font-size: 13px; margin: 16px 0 0 }
`

export interface TableWithCards {
  view: PaperTableView
  /** Cards of the cells with a figure of runs or of a file. */
  cards: readonly PaperCellCard[]
}

/** Tables as one page that needs nothing else: no scripts, no fonts, no pictures from elsewhere. */
export function paperHtml(tables: readonly TableWithCards[], software: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The paper, measured</title>
<style>${STYLE}</style>
</head>
<body>
<h1>The paper’s tables, and what was measured here</h1>
<p class="muted">First line of a cell: the published figure. Below it, coloured: mean ± standard deviation over seeds of runs of ${markupText(software)}, or a figure from a file. Where it says “other measure”, “data” or “size”, the two cannot be compared.</p>
${tables.map(tableHtml).join('\n')}
</body>
</html>
`
}

function tableHtml({ view, cards }: TableWithCards): string {
  const { id, title, sentence, note, columns, rows, families, family } = view
  const label = families.find(({ key }) => key === family)?.label
  const head = columns
    .map((column) => {
      const measure = measureText(column)
      return `<th scope="col">${markupText(column.key)}${column.better ? ` ${ARROWS[column.better]}` : ''}${measure === '' ? '' : `<br><span class="here">${markupText(measure)}</span>`}</th>`
    })
    .join('')
  const body = rows
    .map(
      ({ name, outside, cells }) =>
        `<tr><th scope="row">${markupText(name)}${outside === null ? '' : '<br><span class="small">from elsewhere</span>'}</th>${cells.map((cell, at) => cellHtml(cell, columns[at] as PaperColumnView)).join('')}</tr>`,
    )
    .join('\n')
  return `<section aria-labelledby="table-${id}">
<h2 id="table-${id}">Table ${id}. ${markupText(title)}</h2>
<p>${markupText(sentence)}</p>
${note === null ? '' : `<p class="muted">${markupText(note)}</p>`}
${label === undefined ? '<p class="muted">No run stands beside it yet.</p>' : `<p class="muted">Here: ${markupText(label)}.</p>`}
<div class="scroll"><table><thead><tr><th scope="col">${markupText(view.rowKey)}</th>${head}</tr></thead><tbody>
${body}
</tbody></table></div>
${cards.length === 0 ? '' : `<details><summary>Where the ${cards.length} figures are from</summary>\n${cards.map(cardHtml).join('\n')}\n</details>`}
</section>`
}

function cellHtml(cell: PaperCellView, column: PaperColumnView): string {
  const here = hereTexts(cell, column)
  const why = cell.measured ? incomparableText(cell.incomparable) : ''
  const lines = [
    column.own
      ? ''
      : `<span${cell.publishedBest ? ' class="best"' : ''}>${cell.published === null ? '–' : markupText(cell.published)}</span>`,
    ...here.map((text) => `<span class="here${cell.measured?.best ? ' best' : ''}">${markupText(text)}</span>`),
    cell.measured ? `<span class="small">${cell.measured.n === 1 ? '1 seed' : `${cell.measured.n} seeds`}</span>` : '',
    why === '' ? '' : `<span class="small">${markupText(why)}</span>`,
  ]
  return `<td>${lines.filter((line) => line !== '').join('<br>')}</td>`
}

function cardHtml({ row, column, cell, provenance, sizes, runs, imported }: PaperCellCard): string {
  const lines: [string, string][] = [
    ...cell.incomparable.map(({ what, words }): [string, string] => [`Other ${what}`, words]),
    ...(cell.measured?.comparison
      ? ([['Beside the baseline', cell.measured.comparison.sentence]] as [string, string][])
      : []),
    ...(cell.measured && cell.measured.low !== null && cell.measured.high !== null
      ? ([['Interval of the mean', `${cell.measured.low} to ${cell.measured.high} (95 %, bootstrap over seeds)`]] as [
          string,
          string,
        ][])
      : []),
    ...provenance,
    ...sizes,
    ...(runs.length > 0
      ? ([
          [
            'Runs',
            runs
              .map(({ id, seed, state, value }) => `${id}, seed ${seed}, ${state}${value === null ? '' : `: ${value}`}`)
              .join('; '),
          ],
        ] as [string, string][])
      : []),
    ...imported.flatMap(({ source, lines: own, comparisons }) => [
      ['Imported', source] as [string, string],
      ...own,
      ...comparisons.map((sentence): [string, string] => ['Paired', sentence]),
    ]),
  ]
  return `<h3>${markupText(row)}, ${markupText(column)}</h3><dl>${lines.map(([name, value]) => `<dt>${markupText(name)}</dt><dd>${markupText(value)}</dd>`).join('')}</dl>`
}
