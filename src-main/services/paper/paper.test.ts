import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type FakeJob, fakeExecutor, recordLife } from '../../../test/fakes/fake-executor.ts'
import { temporaryFolder } from '../../../test/fakes/temporary-folder.ts'
import { readRunConfig } from '../../jobs/run-directory.ts'
import { estimateRun, stepsAlike } from '../../training/estimate.ts'
import { readPresets } from '../presets.ts'
import { createWorkbench, type Workbench } from '../workbench.ts'

const open: Workbench[] = []
afterEach(async () => {
  for (const workbench of open.splice(0)) await workbench.close()
})

/** Answers better the larger the seed, and best under the unified codebook. */
const finishes = (job: FakeJob): void => {
  const { seed, multimodal } = readRunConfig(job.directory)
  const right = (multimodal.paradigm === 'unified' ? 0.5 : 0.2) + seed / 100
  job.record((recorder) => {
    recorder.event({ kind: 'metrics', step: 1, values: { 'task.name.right': right } })
    const asked = {
      task: 'name',
      turn: 0,
      question: 'what is this ?',
      answer: 'a cat',
      said: '',
      blind: false,
    } as const
    recorder.answers(
      3,
      Array.from({ length: 100 }, (_, place) => ({ ...asked, place, right: place < Math.round(100 * right) })),
    )
    recordLife(recorder, { steps: 3 })
  })
  job.exit({ code: 0 })
}

async function opened(onStart: (job: FakeJob) => void = finishes) {
  const workbench = await createWorkbench({
    home: join(temporaryFolder(), 'home'),
    concurrency: 1,
    executor: fakeExecutor(onStart),
  })
  open.push(workbench)
  const { client } = workbench
  const idle = async () => {
    for (let tries = 0; tries < 300; tries++) {
      const { running, queued } = await client.app.status()
      if (running + queued === 0) return
      await setTimeout(10)
    }
    throw new Error('the runs did not end within three seconds')
  }
  return { client, idle }
}

/** Arithmetic of a whole run of a preset, all its stages. */
function gflopOf(id: string): number {
  const { baseline } = readPresets().find((preset) => preset.id === id) ?? expect.fail(`no preset ${id}`)
  const run = estimateRun(baseline, baseline.language.vocabulary)
  return run.gflopPerStep * stepsAlike(baseline, run)
}

const card = (changes: Record<string, unknown> = {}) => ({
  metric: 'POPE accuracy',
  value: 0.859,
  unit: 'share',
  higherIsBetter: true,
  definition: 'Share of right answers.',
  source: 'official scorer',
  extractor: null,
  resize: '',
  reference: 'POPE',
  count: 9000,
  seed: null,
  interval: null,
  bias: null,
  warnings: [],
  ...changes,
})
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'taken',
    (error: { message: string; data: { hint: string } }) => `${error.message}: ${error.data.hint}`,
  )

describe('the live paper', () => {
  it('trains rows of a table as an ablation, and shows their figures beside the published ones', async () => {
    const { client, idle } = await opened()
    const { id, runIds } = await client.paper.run({ table: 1, rows: [2, 0, 2], size: 'minutes', seeds: [0, 1] })
    expect(runIds).toHaveLength(4)
    await idle()
    const ablation = await client.ablations.get({ id })
    expect(ablation.arms.map(({ label }) => label)).toEqual(['vis enc+text tok', 'unified tok'])
    const { rows } = await client.paper.table({ table: 1 })
    expect(rows.map((row) => row.cells[0]?.measured?.n ?? 0)).toEqual([2, 0, 2])
    expect(rows[2]?.cells[0]).toMatchObject({ published: '53.1', measured: { best: true } })
    expect(rows[2]?.cells[0]?.measured?.mean).toBeCloseTo(50.5)
    expect(rows[0]?.cells[0]?.measured?.comparison).toMatchObject({
      verdict: 'larger',
      sentence: expect.stringContaining('larger than seed noise'),
    })
    const [first] = await client.paper.list()
    expect(first).toMatchObject({ id: 1, filled: 2, cells: 24, open: 0 })
    const told = await client.paper.cell({ table: 1, row: 2, column: 'VQAv2' })
    expect(told.runs.map(({ seed, value }) => [seed, Math.round(value ?? 0)])).toEqual([
      [0, 50],
      [1, 51],
    ])
    expect(told.provenance.map(([name]) => name)).toContain('Definition')
    expect(told.byQuestion).toBeNull()
    const other = await client.paper.cell({ table: 1, row: 0, column: 'VQAv2' })
    expect(other.byQuestion).toMatch(
      /^vis enc\+text tok answers 30\.0 points fewer right than unified tok \(95 % interval −[\d.]+ to −[\d.]+, paired bootstrap over 100 questions and 2 seeds\): larger than the noise of questions and seeds\.$/,
    )
    expect(told.sizes).toContainEqual(['Pictures', '32 × 32 px'])
    for (const format of ['latex', 'csv', 'html', 'png'] as const) {
      const { name, file } = await client.paper.export({ format, tables: [1] })
      expect(name).toMatch(/^table-1\.(tex|csv|html|png)$/)
      expect(file.size).toBeGreaterThan(400)
    }
    const { file } = await client.paper.export({ format: 'html' })
    expect((await file.text()).match(/<h2 id="table-\d+">/g)).toHaveLength(11)
  })

  it('does not train what it cannot: outside systems, models that are not here, rows that are not there', async () => {
    const { client } = await opened()
    const run = (table: number, row: number, size: 'minutes' | 'hours', seeds = [0]) =>
      refusal(client.paper.run({ table, rows: [row], size, seeds }))
    expect(await run(11, 0, 'minutes')).toMatch(/"BLIP-2" of table 11 is not trained here.*“evaluate”/)
    expect(await run(1, 0, 'hours')).toMatch(/cannot be trained yet: SmolLM2.*not installed.*Install/)
    expect(await run(1, 9, 'minutes')).toMatch(/"9" of table 1 is not trained here: The table has 3 rows/)
    expect(await run(1, 0, 'minutes', [1, 1])).toMatch(/list one twice/)
    expect(await run(12, 0, 'minutes')).toMatch(/no table 12/)
    expect((await client.runs.list()).length).toBe(0)
  })

  it('says what a row takes at each size, the paper’s on a machine that is not here', async () => {
    const { client } = await opened()
    const sizes = await client.paper.experiments({ table: 5, row: 1 })
    expect(sizes.map(({ size, preset, problems }) => [size, preset, problems])).toEqual([
      ['minutes', 'decompression-quick', []],
      ['hours', 'decompression', []],
      ['paper', 'unicode-paper', []],
    ])
    // Both stages: the second, of 7 B parameters that all learn, is most of it.
    const both = gflopOf('unicode-paper')
    expect(both).toBeGreaterThan(2 * gflopOf('hq-unicode-paper'))
    expect(sizes[2]?.minutes).toBeCloseTo(both / (8 * 250e3 * 0.4) / 60, 3)
    expect(sizes[2]?.missing.map(({ what }) => what)).toContain('language model')
    expect(sizes[0]).toMatchObject({ minutes: null, missing: [], machine: null })
    expect(sizes[2]?.machine).toContain('8 devices')
  })

  it('takes figures from result files, on the column’s scale, and compares systems by the questions that both answered', async () => {
    const { client } = await opened()
    const cell = { table: 11, row: 5, column: 'POPE', source: 'LLaVA-1.5' }
    const file = JSON.stringify({ cards: [card()], scores: { a: 1, b: 1, c: 1 } })
    expect(await client.paper.import({ ...cell, file })).toMatchObject({ metric: 'POPE accuracy', value: 85.9 })
    const other = JSON.stringify({ ...card({ value: 71.8, unit: '%' }), scores: { a: 0, b: 0, c: 0, d: 1 } })
    const { id } = await client.paper.import({ ...cell, row: 6, source: 'UniCode', file: other })
    const { rows } = await client.paper.table({ table: 11 })
    expect(rows[5]?.cells.find(({ published }) => published === '86.4')?.imported).toMatchObject([
      { source: 'LLaVA-1.5', value: 85.9 },
    ])
    const told = await client.paper.cell({ table: 11, row: 5, column: 'POPE' })
    expect(told.imported[0]?.comparisons[0]).toMatch(
      /^LLaVA-1\.5 minus UniCode on 3 questions.*1\.0000.*larger than the noise/,
    )
    await client.paper.removeImported({ id })
    expect((await client.paper.cell({ table: 11, row: 6, column: 'POPE' })).imported).toEqual([])
    expect(await refusal(client.paper.removeImported({ id }))).toMatch(/no imported figure/)
  })

  it.each([
    ['not JSON', 'POPE', '{', /is not JSON/],
    ['without a card', 'POPE', '{"accuracy":0.8}', /no metric card/],
    [
      'of the wrong direction',
      'POPE',
      JSON.stringify(card({ metric: 'FID', higherIsBetter: false })),
      /FID is better the lower.*Choose the column/,
    ],
    ['without a finite value', 'POPE', JSON.stringify(card({ value: 'Infinity' })), /no figure for a table/],
    [
      'with several metrics',
      'POPE',
      JSON.stringify([card(), card({ metric: 'F1' })]),
      /Say which one.*POPE accuracy, F1/,
    ],
    ['for a column of facts', 'LLM', JSON.stringify(card()), /LLM takes no imported figure/],
    ['for no column', 'nothing', JSON.stringify(card()), /no column "nothing"/],
  ])('refuses a file %s', async (_, column, file, says) => {
    const { client } = await opened()
    expect(await refusal(client.paper.import({ table: 11, row: 0, column, source: 'x', file }))).toMatch(says)
  })
})
