import type { PaperTableView } from '../../../../src-shared/contract/paper.ts'
import { ARROWS, hereTexts, measureText } from '../../../../src-shared/paper/figure-text.ts'

const SPECIAL: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '%': '\\%',
  '#': '\\#',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '≈': '$\\approx$',
  '±': '$\\pm$',
  '−': '$-$',
  '×': '$\\times$',
  '·': '$\\cdot$',
  '↑': '$\\uparrow$',
  '↓': '$\\downarrow$',
  λ: '$\\lambda$',
  '–': '--',
  '’': "'",
  '“': '``',
  '”': "''",
  '…': '\\ldots{}',
  '\u00a0': '~',
}

/** Text for LaTeX: nothing in it is taken for a command. */
export const latexText = (text: string): string =>
  text.replaceAll(/[\\{}$&%#_~^≈±−×·↑↓λ–’“”…\u00a0]/g, (mark) => SPECIAL[mark] as string)

/** Tables as LaTeX with booktabs: published figures, and below them in italics what was measured here. */
export function paperLatex(tables: readonly PaperTableView[]): string {
  return [
    '% \\usepackage{booktabs}',
    '% First line of a row: published. Second line, in italics: measured or imported here.',
    ...tables.map(tableLatex),
  ]
    .join('\n\n')
    .concat('\n')
}

function tableLatex(table: PaperTableView): string {
  const { columns, rows } = table
  const head = [
    '',
    ...columns.map(({ key, better }) => `${latexText(key)}${better ? ` ${latexText(ARROWS[better])}` : ''}`),
  ]
  const measures = columns.map((column) => latexText(measureText(column)))
  const body = rows.flatMap(({ name, cells }) => {
    const published = cells.map((cell) => {
      const text = cell.published === null ? '--' : latexText(cell.published)
      return cell.publishedBest ? `\\textbf{${text}}` : text
    })
    const here = cells.map((cell, at) => {
      const column = columns[at]
      const text = column ? hereTexts(cell, column).map(latexText).join(', ') : ''
      return text === '' ? '' : cell.measured?.best ? `\\textbf{\\textit{${text}}}` : `\\textit{${text}}`
    })
    const lines = [[latexText(name), ...published]]
    if (here.some((text) => text !== '')) lines.push(['\\quad\\textit{here}', ...here])
    return lines.map((cellsOfLine) => `    ${cellsOfLine.join(' & ')} \\\\`)
  })
  const family = table.families.find(({ key }) => key === table.family)
  const caption = [
    `Table ${table.id} of the paper. ${table.sentence}`,
    family
      ? `Here: ${family.label}, mean ± standard deviation over seeds; other data, measures and sizes than the published figures.`
      : '',
  ]
  return [
    '\\begin{table}',
    '  \\centering',
    `  \\caption{${latexText(caption.filter((part) => part !== '').join(' '))}}`,
    `  \\label{tab:unicode-${table.id}}`,
    `  \\begin{tabular}{l${'r'.repeat(columns.length)}}`,
    '    \\toprule',
    `    ${head.join(' & ')} \\\\`,
    ...(measures.some((text) => text !== '')
      ? [`    \\textit{here} & ${measures.map((text) => (text === '' ? '' : `\\textit{${text}}`)).join(' & ')} \\\\`]
      : []),
    '    \\midrule',
    ...body,
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
  ].join('\n')
}
