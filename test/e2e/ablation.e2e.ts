import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumProgram, type RunningApp, startApp } from './app.ts'

/** The quick ablation, shortened: the same button presses and the same parts, fewer pictures and steps. */
const SHORT = {
  data: { limit: 120, heldOut: 0.2 },
  language: { stepsBefore: 6 },
  training: { steps: 12, batchSize: 8, evaluateEvery: 6, sampleEvery: 6, checkpointEvery: 6, samplePictures: 8 },
}

describe.skipIf(chromiumProgram.missing)('an ablation, from the window to the comparison', () => {
  let app: RunningApp
  /** Address of the ablation's page, once it has been started. */
  let ablation: string
  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(async () => {
    await app?.stop()
  })

  const go = async (path: string) => {
    await app.page.goto(`${app.origin}/#${path}`)
  }

  it('offers the quick ablation on the first page, with what it does', async () => {
    const { page } = app
    await go('/')
    await page.getByRole('button', { name: 'Quick ablation' }).waitFor()
    await page.getByText('The first run measures how long this takes here.').waitFor({ timeout: 30_000 })
  }, 60_000)

  it('plans it shortened, says what it takes, and refuses a wrong setting with the nearest right one', async () => {
    const { page } = app
    await go('/ablate/new?preset=quick')
    await page.getByRole('tab', { name: 'JSON' }).click()
    const editor = page.getByLabel('Baseline config as JSON')
    const config = JSON.parse(await editor.inputValue()) as Record<string, object>
    for (const [group, settings] of Object.entries(SHORT)) config[group] = { ...config[group], ...settings }
    await editor.fill(JSON.stringify({ ...config, trainign: {} }))
    await page.getByText('did you mean "training"?').first().waitFor()
    await editor.fill(JSON.stringify(config))
    await page.getByLabel('Seeds').fill('0')
    await page.getByRole('button', { name: 'Start 3 runs' }).waitFor({ timeout: 30_000 })
  }, 60_000)

  it('runs it to the end and fills the result table', async () => {
    const { page } = app
    await page.getByRole('button', { name: 'Start 3 runs' }).click()
    const results = page.getByRole('table', { name: 'Results' })
    await results.waitFor()
    ablation = page.url()
    for (const paradigm of ['frozen', 'dual', 'iterative'])
      await results.getByRole('rowheader', { name: paradigm }).or(results.getByText(paradigm)).first().waitFor()
    await page.getByText('3 of 3').first().waitFor({ timeout: 150_000 })
    const values = await results.getByRole('button', { name: /^Held-out MSE|: 0\.\d+/ }).allTextContents()
    expect(values.length).toBeGreaterThanOrEqual(3)
    expect(await results.getByRole('button', { name: /no value yet/ }).count()).toBe(0)
  }, 180_000)

  it('opens a run, and shows the code and its token under the pointer of a code map', async () => {
    const { page } = app
    await page.goto(ablation)
    await page
      .getByRole('grid', { name: 'Runs' })
      .getByRole('row', { name: /iterative/ })
      .dblclick()
    await page.waitForURL(/#\/runs\//)
    await page.getByRole('tab', { name: 'Code maps' }).click()
    const fine = page.getByRole('img', { name: /Layer 1/ })
    await fine.waitFor()
    await fine.hover({ position: { x: 40, y: 60 } })
    const inspector = page.getByRole('complementary', { name: 'Inspector' })
    await inspector.getByText('LLM row').first().waitFor()
    const told = await inspector.textContent()
    expect(told).toMatch(/Layer\s*1 \(fine, 8 × 8\)/)
    expect(told).toMatch(/Same pixels in other layers/)
    expect(told).toMatch(/Pixels across/)
  }, 60_000)

  it('compares the runs: only the paradigm differs, pictures stand side by side at one step', async () => {
    const { page } = app
    await page.goto(ablation)
    await page.getByRole('link', { name: 'Compare all runs' }).click()
    await page.getByRole('tab', { name: 'Settings and metrics' }).click()
    await page.getByText('codebook.paradigm').first().waitFor()
    expect(await page.getByText('1; all others are the same in every run').count()).toBe(1)
    await page.getByRole('tab', { name: 'Pictures' }).click()
    await page.getByRole('navigation', { name: 'Pictures' }).waitFor()
    // The input once, and a reconstruction of each run.
    await page.getByRole('main').getByRole('img').nth(3).waitFor()
    expect(app.problems).toEqual([])
  }, 60_000)
})
