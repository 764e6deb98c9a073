import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { PaperCellCard, PaperCellView, PaperTableView } from '../../../../src-shared/contract/paper.ts'
import { paperCsv } from './csv.ts'
import { paperHtml } from './html.ts'
import { latexText, paperLatex } from './latex.ts'
import { markdownText, paperMarkdown } from './markdown.ts'
import { paperPng, paperSvg } from './picture.ts'

const empty: PaperCellView = {
  published: null,
  publishedBest: false,
  measured: null,
  fact: null,
  imported: [],
  incomparable: [],
}
const table: PaperTableView = {
  id: 4,
  title: 'R&D <of> "tables"',
  sentence: 'What 50 % of $ & # _ do.',
  note: null,
  rowKey: 'method',
  baseline: 0,
  families: [{ key: 'f', label: '32 px · words', finished: 2, rows: 1 }],
  family: 'f',
  columns: [
    { key: 'Res', better: null, data: null, own: false, fact: true, measure: null },
    {
      key: 'FID',
      better: 'lower',
      data: 'ImageNet',
      own: false,
      fact: false,
      measure: {
        metric: 'task.paint.recognised',
        label: 'paintings_right',
        better: 'higher',
        decimals: 1,
        scale: 100,
        same: false,
        differs: 'Another.',
      },
    },
  ],
  rows: [
    {
      name: '+ cc3m & "imgs"',
      outside: null,
      differs: null,
      others: 0,
      runs: { finished: 2, running: 0, queued: 0, ended: 0, progress: null },
      cells: [
        { ...empty, published: '256', fact: '32' },
        {
          ...empty,
          published: '≈31',
          publishedBest: true,
          measured: {
            n: 2,
            mean: -21.25,
            std: 2,
            low: 20,
            high: 22.5,
            best: true,
            comparison: null,
            values: [
              { runId: 'r0', seed: 0, value: 20, colour: 0 },
              { runId: 'r1', seed: 1, value: 22.5, colour: 1 },
            ],
          },
          incomparable: [{ what: 'data', words: 'The paper measures on ImageNet.' }],
          imported: [{ id: 1, source: 'a, "quoted" system', value: 7.04, metric: 'FID', importedAt: 0 }],
        },
      ],
    },
    {
      name: 'none',
      outside: 'elsewhere',
      differs: null,
      others: 0,
      runs: { finished: 0, running: 0, queued: 0, ended: 0, progress: null },
      cells: [empty, empty],
    },
  ],
}

describe('LaTeX', () => {
  it('is a booktabs table with as many cells a line as columns, published and measured', () => {
    const text = paperLatex([table])
    for (const rule of ['\\toprule', '\\midrule', '\\bottomrule', '\\begin{tabular}{lrr}']) expect(text).toContain(rule)
    expect(text).toContain('\\textbf{$\\approx$31}')
    expect(text).toContain('\\quad\\textit{here} & \\textit{32} & \\textbf{\\textit{$-$21.3 $\\pm$ 2.0, 7.04}} \\\\')
    const lines = text.split('\n').filter((line) => line.endsWith('\\\\'))
    for (const line of lines) expect(line.match(/(?<!\\)&/g)).toHaveLength(2)
    expect(text).toContain('none & -- & -- \\\\')
  })

  it('takes nothing for a command', () => {
    expect(latexText('50 % of $x_1^2 & #{a}~\\b')).toBe(
      '50 \\% of \\$x\\_1\\textasciicircum{}2 \\& \\#\\{a\\}\\textasciitilde{}\\textbackslash{}b',
    )
    expect(paperLatex([table])).toContain('+ cc3m \\& "imgs"')
    // No character but ASCII is left, so that every engine sets it.
    expect(/[^\x20-\x7e\n]/.exec(paperLatex([table]))).toBeNull()
  })
})

it('CSV has one line a figure, quoted where needed, with the reasons why it cannot be compared', () => {
  const lines = paperCsv([table]).trimEnd().split('\r\n')
  expect(lines).toHaveLength(1 + 5)
  expect(lines[0]).toMatch(/^table,title,row,column,kind,value,text,std,low,high,n,seeds,/)
  expect(lines[1]).toBe('4,"R&D <of> ""tables""","+ cc3m & ""imgs""",Res,published,256,256,,,,,,Res,paper,,')
  expect(lines[3]).toContain('FID,published,31,≈31')
  expect(lines[4]).toContain(
    'measured,-21.25,,2,20,22.5,2,0:20 1:22.5,task.paint.recognised,32 px · words,The paper measures on ImageNet.,r0 r1',
  )
  expect(lines[5]).toContain('imported,7.04,,,,,,,FID,"a, ""quoted"" system"')
})

it('HTML stands alone: no scripts, nothing from elsewhere, and no text that is taken for markup', () => {
  const page = paperHtml([{ view: table, cards: [] }], 'UniCode <Workbench>')
  expect(page).toContain('R&amp;D &lt;of&gt; &quot;tables&quot;')
  expect(page).toContain('UniCode &lt;Workbench&gt;')
  expect(page).toContain('−21.3 ± 2.0')
  expect(page).toContain('other data')
  expect(page).toContain('paintings_right ↑')
  expect(page).not.toMatch(/<script|src=|href=|url\(|@import|https?:/)
  const tags = (name: string) => page.split(new RegExp(`<${name}[ >]`)).length - page.split(`</${name}>`).length
  for (const name of ['section', 'tbody', 'tr', 'th', 'td', 'span', 'p']) expect([name, tags(name)]).toEqual([name, 0])
})

describe('Markdown', () => {
  const card: PaperCellCard = {
    ...{ table: 4, row: 'none', column: 'FID', measure: table.columns[1]?.measure ?? null, provenance: [], sizes: [] },
    cell: { ...empty, measured: null },
    byQuestion: 'Of 60 questions, [3] more are right.',
    ...{ runs: [], imported: [] },
  }

  it('is a table with as many cells a line as columns, and the comparisons below it', () => {
    const text = paperMarkdown([{ view: table, cards: [card] }])
    const lines = text.split('\n').filter((line) => line.startsWith('|'))
    for (const line of lines) expect(line.match(/(?<!\\)\|/g)).toHaveLength(4)
    expect(lines[0]).toContain('FID ↓<br>*paintings\\_right ↑*')
    expect(lines[2]).toBe('| \\+ cc3m \\& "imgs" | 256 | **≈31** |')
    expect(lines[3]).toBe('| *here* | 32 | **−21.3 ± 2.0, 7.04**<br>[20.0, 22.5] |')
    expect(lines[4]).toBe('| none | – | – |')
    expect(lines).toHaveLength(5)
    expect(text).toContain('- none, FID (paintings\\_right): Of 60 questions, \\[3\\] more are right.')
    expect(text).toContain('Beside the published figures: other data.')
  })

  it('takes nothing for a mark, and leaves out columns that say nothing', () => {
    expect(markdownText('a_b *c* |d|\n#1')).toBe('a\\_b \\*c\\* \\|d\\| \\#1')
    expect(markdownText('R&D for $5')).toBe('R\\&D for \\$5')
    expect(['- a', '+ a', '1. a', '-1.5', '1.5 ± 2', '2) b'].map(markdownText)).toEqual([
      ...['\\- a', '\\+ a', '1\\. a', '-1.5', '1.5 ± 2', '2\\) b'],
    ])
    const bare = {
      ...table,
      rows: table.rows.map((row) => ({ ...row, cells: row.cells.map((cell, at) => (at === 0 ? empty : cell)) })),
    }
    expect(paperMarkdown([{ view: bare, cards: [] }])).not.toContain('| Res')
  })
})

it('a picture shows every table, on a white ground', async () => {
  const svg = paperSvg([table, { ...table, id: 5 }])
  expect(svg).toContain('Table 4. R&amp;D &lt;of&gt;')
  expect(svg).toContain('Table 5.')
  const [, width, height] = (/width="(\d+(?:\.\d+)?)" height="(\d+(?:\.\d+)?)"/.exec(svg) ?? []).map(Number)
  const { data, info } = await sharp(Buffer.from(await paperPng([table, { ...table, id: 5 }])))
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect([Math.abs(info.width - 2 * (width ?? 0)) <= 2, Math.abs(info.height - 2 * (height ?? 0)) <= 2]).toEqual([
    true,
    true,
  ])
  expect([...data.subarray(0, 3)]).toEqual([255, 255, 255])
  expect(data.some((byte) => byte < 128)).toBe(true)
})
