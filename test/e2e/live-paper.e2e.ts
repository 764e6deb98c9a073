import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPaper } from '../../src-main/services/paper/read-tables.ts'
import { readPresets } from '../../src-main/services/presets.ts'
import { formatAddressOfPlan } from '../../src-renderer/views/ablate/plan.ts'
import { experimentOf } from '../../src-shared/paper/experiments.ts'
import { putFiles } from '../fakes/picture-files.ts'
import { chromiumProgram, type RunningApp, startApp } from './app.ts'
import { root } from './build.ts'

/** The smallest table: two rows of a first and a second stage, a few steps each. */
const TABLE = 5
const SMALL = {
  'data.limit': 100,
  'data.heldOut': 0.2,
  'tokenizer.channels': [8, 8, 16],
  'tokenizer.attention': false,
  'language.width': 32,
  'language.heads': 2,
  'language.layers': 1,
  'language.stepsBefore': 2,
  'training.steps': 4,
  'training.batchSize': 4,
  'training.evaluateEvery': 4,
  'training.sampleEvery': 4,
  'training.samplePictures': 4,
  'training.checkpointEvery': 4,
  'multimodal.steps': 4,
  'multimodal.batchSize': 4,
  'multimodal.evaluateEvery': 4,
  'multimodal.evaluateDialogues': 4,
  'multimodal.paintings': 2,
  'multimodal.checkpointEvery': 4,
}

describe.skipIf(chromiumProgram.missing)('the live paper', () => {
  let app: RunningApp
  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(async () => {
    await app?.stop()
  })
  const saved = async (item: string): Promise<string> => {
    const { page } = app
    await page.getByRole('button', { name: 'Export this table' }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: item }).click(),
    ])
    return readFileSync(await download.path(), 'utf8')
  }

  it('shows the published figures before anything was trained, and what to do', async () => {
    const { page } = app
    await page.goto(`${app.origin}/#/paper?table=${TABLE}`)
    const table = page.getByRole('table', { name: `Table ${TABLE}` })
    await table.getByRole('button', { name: 'w/ ImgDe, ImageNet FID: published 6.72' }).waitFor()
    await page.getByText('Nothing has been measured for this table yet').waitFor()
    await page.getByRole('button', { name: 'Run this table' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('radio', { name: /Paper scale/ }).click()
    await dialog.getByText('8 devices of 80 GB').waitFor({ timeout: 60_000 })
    await dialog.getByRole('radio', { name: /Minutes/ }).click()
    await dialog.getByRole('button', { name: 'Start 4 runs' }).waitFor()
    await page.keyboard.press('Escape')
  }, 120_000)

  it('fills with the runs of its rows, once they are trained', async () => {
    const { page } = app
    const table = readPaper().tables.find(({ id }) => id === TABLE)
    const config = table && experimentOf(table, 0, 'minutes', readPresets())
    expect(config?.multimodal.tasks.decompression).toBe(0)
    const plan = formatAddressOfPlan({
      preset: 'decompression-quick',
      name: 'table 5, tiny',
      changes: SMALL,
      factors: [{ path: 'multimodal.tasks.decompression', values: [1, 0] }],
      seeds: [0, 1],
    })
    await page.goto(`${app.origin}/#${plan}`)
    await page.getByRole('button', { name: 'Start 4 runs' }).click({ timeout: 60_000 })
    await page.getByText('4 of 4').first().waitFor({ timeout: 400_000 })
    await page.goto(`${app.origin}/#/paper?table=${TABLE}`)
    const cells = page.getByRole('button', {
      name: /ImageNet FID: published .*; measured \d.*, 2 seeds; not comparable/,
    })
    await cells.nth(1).waitFor({ timeout: 60_000 })
    expect(await cells.count()).toBe(2)
  }, 480_000)

  it('opens a card by the keyboard that says where the figure is from and why it cannot be compared', async () => {
    const { page } = app
    const first = page.getByRole('button', { name: /^w\/o ImgDe, ImageNet FID/ })
    await first.focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('heading', { name: 'w/ ImgDe, ImageNet FID' }).waitFor()
    await dialog.getByText('Why the two figures cannot be compared').waitFor()
    await dialog.getByText('Other data').waitFor()
    await dialog.getByText('95 % interval of the mean over seeds').waitFor()
    await dialog.getByText('held-out dialogues made from emoji').first().waitFor()
    await page.keyboard.press('Escape')
    expect(app.problems).toEqual([])
  }, 60_000)

  it('takes a figure of another system from answers that were scored here', async () => {
    const { page } = app
    const line = (entry: object) => `${JSON.stringify(entry)}\n`
    const question = (question_id: number, label: string) =>
      line({ question_id, image: `${question_id}.jpg`, text: 'Is there a dog in the image?', label })
    const answer = (question_id: number, text: string) => line({ category: 'random', question_id, text })
    const folder = putFiles(join(app.home, 'pope'), {
      'coco_pope_random.json': question(1, 'yes') + question(2, 'no') + question(3, 'yes'),
      // Of two that are there one is seen, and nothing else: F1 is 2/3.
      'answers.jsonl': answer(1, 'Yes, there is.') + answer(2, 'No.') + answer(3, 'No.'),
    })
    await page.goto(`${app.origin}/#/evaluations`)
    await page.getByRole('button', { name: 'Score answers or pictures' }).click()
    const form = page.getByRole('dialog', { name: 'Score answers or pictures' })
    await form.getByLabel('Official questions').fill(join(folder, 'coco_pope_random.json'))
    await form.getByLabel('Answers', { exact: true }).fill(join(folder, 'answers.jsonl'))
    await form.getByRole('button', { name: 'Score' }).click()
    await page.getByText('66.67 % F1').waitFor({ timeout: 60_000 })
    await page.goto(`${app.origin}/#/paper?table=11`)
    await page.getByRole('button', { name: 'Import a result of BLIP-2' }).click()
    const dialog = page.getByRole('dialog', { name: 'Import a result of BLIP-2' })
    await dialog.getByLabel('Column').click()
    await page.getByRole('option', { name: 'POPE' }).click()
    await dialog.getByLabel('From', { exact: true }).click()
    await page.getByRole('option', { name: /^POPE: answers\.jsonl/ }).click()
    await dialog.getByRole('button', { name: 'Import' }).click()
    await page.getByRole('button', { name: /^BLIP-2, POPE: published 85\.3.*66\.6/ }).waitFor({ timeout: 60_000 })
    expect(app.problems).toEqual([])
  }, 120_000)

  it('exports LaTeX and HTML from the window, and the same from the command line', async () => {
    await app.page.goto(`${app.origin}/#/paper?table=${TABLE}`)
    const latex = await saved('LaTeX (booktabs)')
    expect(latex).toContain('\\begin{tabular}{lrrrr}')
    expect(latex).toMatch(/\\quad\\textit\{here\} & \\textit\{\d/)
    const html = await saved('HTML report, in one file')
    expect(html).toContain('<h2 id="table-5">')
    expect(html).toMatch(/Where the \d+ figures are from/)
    await app.page.close()
    app.host.kill('SIGINT')
    await new Promise((resolve) => app.host.once('exit', resolve))
    const out = join(app.home, 'table.tex')
    execFileSync(
      process.execPath,
      [
        join(root, 'out', 'main', 'cli.js'),
        'paper',
        'export',
        '--format',
        'latex',
        '--table',
        '5',
        '--out',
        out,
        '--home',
        app.home,
      ],
      { stdio: 'pipe' },
    )
    expect(readFileSync(out, 'utf8')).toBe(latex)
  }, 120_000)
})
