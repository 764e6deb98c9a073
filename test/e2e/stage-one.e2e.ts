import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readEvents } from '../../src-main/jobs/events-file.ts'
import { runFiles } from '../../src-main/jobs/run-directory.ts'
import { formatAddressOfPlan } from '../../src-renderer/views/ablate/plan.ts'
import { referenceFolder } from '../parity/reference.ts'
import { chromiumProgram, type RunningApp, startApp } from './app.ts'
import { makeTinyLlama } from './tiny-llama.ts'

const missing =
  chromiumProgram.missing ??
  (existsSync(join(referenceFolder, 'llama-tiny'))
    ? undefined
    : `no llama-tiny in ${referenceFolder}; set REFERENCE_DIR`)
if (missing) console.log(`Not run: stage I end to end (${missing})`)

const TOKENIZERS = [
  { kind: 'vq', layers: 1 },
  { kind: 'rq', layers: 3 },
  { kind: 'hq', layers: 2 },
  { kind: 'vqvae2', layers: 2 },
  { kind: 'spae', layers: 4 },
]
const PARADIGMS = ['frozen', 'dual', 'iterative']
const RUNS = TOKENIZERS.length * PARADIGMS.length
const STEPS = 4

/** Small enough that every run takes seconds, with everything that a real one has: adapters learn between the steps. */
const SMALL = {
  'data.limit': 60,
  'data.heldOut': 0.2,
  'tokenizer.channels': [8, 8, 16],
  'tokenizer.attention': false,
  'tokenizer.resampling': 'pool',
  'codebook.interval': 2,
  'language.tuning': 'lora',
  'language.batchSize': 2,
  'language.stepsBefore': 1,
  'training.steps': STEPS,
  'training.batchSize': 4,
  'training.evaluateEvery': 2,
  'training.sampleEvery': 2,
  'training.checkpointEvery': STEPS,
  'training.samplePictures': 4,
  'training.evaluatePictures': 8,
  'training.evaluateTexts': 8,
}

describe.skipIf(missing)('stage I over a pretrained language model, from the window', () => {
  let app: RunningApp
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'workbench-llama-e2e-'))
    app = await startApp()
  })
  afterAll(async () => {
    await app?.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  it('plans every tokenizer under every paradigm over a LLaMA in a folder', async () => {
    const language = makeTinyLlama(join(folder, 'tiny-llama'), 'untied')
    const settings = Object.entries(language).map(([name, value]) => [`language.${name}`, value])
    const { page } = app
    const plan = formatAddressOfPlan({
      preset: 'quick',
      name: 'every tokenizer',
      changes: { ...SMALL, ...Object.fromEntries(settings) },
      factors: [
        { path: 'tokenizer', values: TOKENIZERS },
        { path: 'codebook.paradigm', values: PARADIGMS },
      ],
      seeds: [0],
    })
    await page.goto(`${app.origin}/#${plan}`)
    await page.getByRole('button', { name: `Start ${RUNS} runs` }).waitFor({ timeout: 60_000 })
    expect(await page.getByRole('list', { name: 'Not here' }).count()).toBe(0)
  }, 90_000)

  it('trains each of them to its end, measured three times on the way, adapters learning between', async () => {
    const { page } = app
    await page.getByRole('button', { name: `Start ${RUNS} runs` }).click()
    const results = page.getByRole('table', { name: 'Results' })
    await results.waitFor()
    await page.getByText(`${RUNS} of ${RUNS}`).first().waitFor({ timeout: 290_000 })
    const rows = page.getByRole('grid', { name: 'Runs' }).getByRole('row', { name: /finished/ })
    expect(await rows.count()).toBe(RUNS)
    for (const run of readdirSync(join(app.home, 'runs'))) {
      const values = (name: string) => metricOf(join(app.home, 'runs', run), name)
      // At the start, in the middle and at the end.
      for (const name of ['heldout.mse', 'language.perplexity', 'drift.used.cosine'])
        expect(values(name).filter(Number.isFinite), `${name} of ${run}`).toHaveLength(3)
      // Without any answer in its context the language model's loss would be 0.
      expect(values('language.loss').length, run).toBeGreaterThan(1)
      expect(Math.min(...values('language.loss')), run).toBeGreaterThan(0)
    }
  }, 300_000)

  it('shows in the codebook which codes each layer used when, and the life of one', async () => {
    const { page } = app
    await page
      .getByRole('grid', { name: 'Runs' })
      .getByRole('row', { name: /hq.*iterative/ })
      .dblclick()
    await page.waitForURL(/#\/runs\//)
    await page.getByRole('tab', { name: 'Codebook' }).click()
    // Samples at the start, in the middle and at the end; a heat map of each layer over them.
    const maps = page.getByRole('main').getByRole('img', { name: /of [1-9]\d* codes? over 3 samples/ })
    await maps.nth(1).waitFor()
    await page
      .getByRole('radio', { name: 'One code' })
      .or(page.getByRole('tab', { name: 'One code' }))
      .first()
      .click()
    await page.getByRole('heading', { name: 'What it paints' }).waitFor()
    await page.getByRole('heading', { name: 'Nearest LLM tokens' }).waitFor()
    await page
      .getByLabel(/^distance \d/)
      .first()
      .waitFor()
  }, 60_000)

  it('shows the codes and the language model’s rows on the drift map', async () => {
    const { page } = app
    await page.getByRole('tab', { name: 'Drift' }).click()
    await page.getByText('Map', { exact: true }).first().click()
    await page.getByRole('img', { name: /Map of [1-9][\d,]* codes and [1-9][\d,]* LLM rows/ }).waitFor()
    expect(app.problems).toEqual([])
  }, 60_000)
})

/** All values of a metric in a run's directory. */
const metricOf = (run: string, name: string): number[] =>
  readEvents(runFiles(run).events).events.flatMap((event) =>
    event.kind === 'metrics' && event.values[name] !== undefined ? [event.values[name]] : [],
  )
