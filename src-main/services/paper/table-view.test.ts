import { describe, expect, it } from 'vitest'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { RunSummary } from '../../../src-shared/contract/runs.ts'
import type { RunState } from '../../../src-shared/events.ts'
import { experimentOf } from '../../../src-shared/paper/experiments.ts'
import { parseConfig } from '../../../src-shared/parse-config.ts'
import { readPresets } from '../presets.ts'
import type { PaperRun } from './paper-runs.ts'
import { readPaper } from './read-tables.ts'
import { runSizes } from './run-sizes.ts'
import { type TableSource, tableView } from './table-view.ts'

const paper = readPaper()
const presets = readPresets()
const tableOf = (id: number) => paper.tables.find((table) => table.id === id) as (typeof paper.tables)[number]
const rowConfig = (id: number, row: number, size: 'minutes' | 'hours' = 'minutes') =>
  experimentOf(tableOf(id), row, size, presets) as ExperimentConfig

let made = 0
const run = (
  config: ExperimentConfig,
  seed: number,
  latest: Record<string, number>,
  state: RunState = 'finished',
): PaperRun => {
  const id = `run-${++made}`
  const summary = { id, name: id, state, seed, latest, colour: 0, step: 5, steps: 10, createdAt: made }
  return { summary: summary as unknown as RunSummary, config: parseConfig({ ...config, seed }) }
}
const source = (id: number, runs: PaperRun[], changes: Partial<TableSource> = {}): TableSource => ({
  paper,
  table: tableOf(id),
  runs,
  imported: [],
  family: null,
  sizesOf: ({ config }) => runSizes(config, config.language.vocabulary || 1900),
  ...changes,
})
const NAME = 'task.name.right'

describe('a table of the paper beside runs', () => {
  const [frozen, dual, iter] = [rowConfig(4, 0), rowConfig(4, 1), rowConfig(4, 2)] as const

  it('puts runs into the rows of their configs, shares in percent like the paper, with mean, spread and interval', () => {
    const runs = [run(frozen, 0, { [NAME]: 0.1 }), run(iter, 0, { [NAME]: 0.2 }), run(iter, 1, { [NAME]: 0.4 })]
    const { rows, columns, families } = tableView(source(4, runs))
    expect(families).toMatchObject([{ finished: 3, rows: 2 }])
    expect(columns[0]).toMatchObject({ key: 'VQAv2', measure: { metric: NAME, better: 'higher', same: false } })
    const [first, second, third] = rows.map((row) => row.cells[0])
    expect([first?.published, second?.published, third?.published]).toEqual(['44.2', '9.3', '53.1'])
    expect(third?.publishedBest).toBe(true)
    expect(first?.measured).toMatchObject({ n: 1, mean: 10, std: null, low: null, best: false })
    expect(second?.measured).toBeNull()
    expect(third?.measured).toMatchObject({ n: 2, low: 20, high: 40, best: true, comparison: null })
    expect(third?.measured?.mean).toBeCloseTo(30)
    expect(third?.measured?.std).toBeCloseTo(Math.sqrt(200))
    expect(first?.measured?.comparison).toMatchObject({
      verdict: 'unknown',
      sentence: expect.stringContaining('frozen has one seed alone'),
    })
  })

  it('says why a figure cannot be compared with the published one', () => {
    const { rows } = tableView(source(4, [run(iter, 0, { [NAME]: 0.2 })]))
    const reasons = rows[2]?.cells[0]?.incomparable ?? []
    expect(reasons.map(({ what }) => what)).toEqual(['measure', 'data', 'size'])
    expect(reasons[1]?.words).toBe('The paper measures on VQAv2; these runs on emoji, fluent-3d.')
    expect(reasons[2]?.words).toMatch(
      /256 px with a language model of 7 B parameters; these runs at 32 px with a language model over words \(0\.\d+M\)/,
    )
    // A column of the workbench has nothing published beside it.
    const own = tableView(source(4, [run(iter, 0, { 'language.perplexity': 5 })])).rows[2]?.cells.at(-1)
    expect(own).toMatchObject({ published: null, measured: { mean: 5 }, incomparable: [] })
  })

  it('counts finished runs alone, one a seed, and shows what is under way', () => {
    const { rows } = tableView(
      source(4, [
        run(iter, 0, { [NAME]: 0.9 }),
        run(iter, 0, { [NAME]: 0.2 }),
        run(iter, 1, { [NAME]: 0.9 }, 'running'),
        run(dual, 0, { [NAME]: 0.9 }, 'failed'),
      ]),
    )
    expect(rows[2]).toMatchObject({ runs: { finished: 2, running: 1, queued: 0, progress: 0.5 } })
    // Of a seed trained twice the later run counts.
    expect(rows[2]?.cells[0]?.measured).toMatchObject({ n: 1, mean: 20 })
    expect(rows[1]).toMatchObject({
      runs: { ended: 1 },
      cells: expect.arrayContaining([expect.objectContaining({ measured: null })]),
    })
  })

  it('keeps runs apart that differ in more than the table varies, and shows the family that is asked for', () => {
    const longer = { ...iter, training: { ...iter.training, steps: 720 } }
    const runs = [run(frozen, 0, { [NAME]: 0.1 }), run(iter, 0, { [NAME]: 0.2 }), run(longer, 0, { [NAME]: 0.5 })]
    const view = tableView(source(4, runs))
    expect(view.families.map(({ rows }) => rows)).toEqual([2, 1])
    expect(view.families[1]?.label).toContain('720 + ')
    expect(view.rows[2]?.cells[0]?.measured?.mean).toBe(20)
    const other = tableView(source(4, runs, { family: view.families[1]?.key ?? '' }))
    expect(other.rows.map((row) => row.cells[0]?.measured?.mean ?? null)).toEqual([null, null, 50])
  })

  it('takes of several experiments that fit a row the one with most seeds, and counts the others', () => {
    const wide = rowConfig(10, 7)
    const narrow = { ...wide, training: { ...wide.training, steps: 100 } }
    const of = (config: ExperimentConfig, seed: number, value: number) =>
      run(config, seed, { 'heldout.fdMobileNetV2': value })
    const { rows } = tableView(source(10, [of(wide, 0, 4), of(wide, 1, 6), of(narrow, 0, 9)]))
    expect(rows[7]?.cells[3]?.measured).toMatchObject({ n: 2, mean: 5 })
    expect(rows[7]?.others).toBe(1)
    // Facts stand beside the published sizes: here as in the paper 2 layers of 320 codes, at another resolution.
    expect(rows[7]?.cells.slice(0, 3).map(({ published, fact }) => [published, fact])).toEqual([
      ['256', '32'],
      ['2:320', '2:320'],
      ['32000', '1900'],
    ])
  })

  it('fills a column of another data set by runs on such pictures alone', () => {
    const config = rowConfig(10, 7)
    const lcs = {
      ...config,
      data: { ...config.data, source: { kind: 'llava' as const, path: '/x.json', pictures: '/x' } },
    }
    const latest = { 'heldout.fdMobileNetV2': 3 }
    const emoji = tableView(source(10, [run(config, 0, latest)])).rows[7]?.cells
    const real = tableView(source(10, [run(lcs, 0, latest)])).rows[7]?.cells
    expect([emoji?.[3]?.measured?.mean, emoji?.[4]?.measured]).toEqual([3, null])
    expect(real?.[4]).toMatchObject({ measured: { mean: 3 } })
    expect(real?.[4]?.incomparable.map(({ what }) => what)).toEqual(['measure', 'size'])
  })

  it('shows what the paper prints where nothing was trained', () => {
    const { rows, family, families } = tableView(source(11, []))
    expect([family, families]).toEqual([null, []])
    expect(rows[2]?.cells.slice(5).map(({ published }) => published)).toEqual([
      '78.8',
      '35.2',
      '67.1',
      '63.8',
      null,
      '38.2',
      null,
    ])
    expect(rows[2]?.outside).toMatch(/does not train it/)
  })
})
