import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runFiles } from '../../src-main/jobs/run-directory.ts'
import { chromiumProgram, type RunningApp, startApp } from './app.ts'

/** One run of the quick ablation's baseline, with few pictures and steps. */
const SHORT = {
  data: { limit: 120, heldOut: 0.2 },
  language: { stepsBefore: 4 },
  codebook: { interval: 4 },
  training: { steps: 12, batchSize: 8, evaluateEvery: 6, sampleEvery: 4, checkpointEvery: 12, samplePictures: 8 },
}

describe.skipIf(chromiumProgram.missing)('the codebook and its drift, over a run that the app trained', () => {
  let app: RunningApp
  /** Address of the run's page. */
  let run: string
  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(async () => {
    await app?.stop()
  })
  const folder = () => join(app.home, 'runs', readdirSync(join(app.home, 'runs'))[0] as string)

  it('trains it', async () => {
    const { page } = app
    await page.goto(`${app.origin}/#/ablate/new?preset=quick&factors=[]&seeds=0`)
    await page.getByRole('tab', { name: 'JSON' }).click()
    const editor = page.getByLabel('Baseline config as JSON')
    const config = JSON.parse(await editor.inputValue()) as Record<string, object>
    for (const [group, settings] of Object.entries(SHORT)) config[group] = { ...config[group], ...settings }
    await editor.fill(JSON.stringify(config))
    await page.getByRole('button', { name: 'Start 1 run' }).click({ timeout: 60_000 })
    await page.getByText('1 of 1').first().waitFor({ timeout: 120_000 })
    await page.getByRole('grid', { name: 'Runs' }).getByRole('row').nth(1).dblclick()
    await page.waitForURL(/#\/runs\//)
    run = page.url().split('?')[0] as string
  }, 240_000)

  it('is found from the rail, by keys and in the palette', async () => {
    const { page } = app
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Codebook' }).click()
    await page.waitForURL(`${run}?tab=codebook`)
    await page.keyboard.press('g')
    await page.keyboard.press('m')
    await page.waitForURL(`${run}?tab=maps`)
    await page.keyboard.press('Control+k')
    await page.keyboard.type('drift map of')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${run}?tab=drift`)
    await page.getByRole('tab', { name: 'Drift', selected: true }).waitFor()
  }, 60_000)

  it('shows usage over time of every layer, and says what a cell holds', async () => {
    const { page } = app
    await page.goto(`${run}?tab=codebook`)
    const fine = page.getByRole('img', { name: /^Layer 1 .*hits in the window of \d+ codes over 4 samples/ })
    await fine.waitFor()
    await page.getByRole('img', { name: /^Layer 0 / }).waitFor()
    await fine.focus()
    await page.keyboard.press('ArrowDown')
    await page.getByText(/^step 12$/).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/code=\d+/)
    await page.getByRole('complementary', { name: 'Inspector' }).getByText('Usage over time').waitFor()
  }, 60_000)

  it('lists every code, finds them by token, and sorts by any column', async () => {
    const { page } = app
    const table = page.getByRole('grid', { name: 'Codes' })
    await page.getByRole('button', { name: 'First use' }).click()
    expect(await table.getByRole('columnheader', { name: 'First use' }).getAttribute('aria-sort')).toBe('ascending')
    await page.getByRole('searchbox', { name: 'Find codes by token or id' }).fill('<unk>')
    await table.getByText('<unk>').waitFor()
    expect(await table.getAttribute('aria-rowcount')).toBe('2')
    await page.getByRole('searchbox', { name: 'Find codes by token or id' }).fill('')
  }, 60_000)

  it('tells the life of the most used code: its tokens beside chance, and what it paints', async () => {
    const { page } = app
    await page.goto(`${run}?tab=codebook&view=life`)
    await page
      .getByText(/first used at step \d+/)
      .first()
      .waitFor()
    await page.getByText(/their mean distance is [\d.]+ times that of a shuffled codebook: the code is/).waitFor()
    await page.getByRole('img', { name: /^Training hits over step/ }).waitFor()
    const patch = page.getByRole('button', { name: /open the code map there$/ }).first()
    await patch.click()
    await page.waitForURL(/tab=maps/)
    await page.getByRole('img', { name: /^Layer 1/ }).waitFor()
    expect(page.url()).toMatch(/cell=\d\.\d+/)
  }, 60_000)

  it('draws the map of codes and rows under the strict policy, selects by lasso, and shows a sync before and after', async () => {
    const { page } = app
    await page.goto(`${run}?tab=drift&drift=map`)
    const map = page.getByRole('img', { name: /^Map of \d/ })
    await map.waitFor()
    const box = await map.boundingBox()
    if (!box) throw new Error('the map has no size')
    await page.getByRole('button', { name: 'Lasso' }).click()
    const corner = (x: number, y: number) => page.mouse.move(box.x + x * box.width, box.y + y * box.height)
    await corner(0.02, 0.02)
    await page.mouse.down()
    for (const [x, y] of [
      [0.98, 0.02],
      [0.98, 0.98],
      [0.02, 0.98],
    ] as const)
      await corner(x, y)
    await page.mouse.up()
    await page.getByRole('heading', { name: 'In the lasso' }).waitFor()
    expect(page.url()).toMatch(/lasso=/)
    const inside = page.getByRole('grid', { name: 'Codes' })
    expect(Number(await inside.getAttribute('aria-rowcount'))).toBeGreaterThan(1)
    await page.getByRole('radio', { name: 'Sync', exact: true }).click()
    await page.getByText(/codes? moved$/).waitFor()
    await page.getByRole('slider', { name: 'before' }).press('End')
    expect(await page.getByRole('slider', { name: 'before' }).getAttribute('aria-valuetext')).toMatch(/^100 percent/)
    expect(app.problems).toEqual([])
  }, 60_000)

  it('draws the same points with WebGL as without', async () => {
    const { page } = app
    const drawn = async () => {
      await page.goto('about:blank')
      await page.goto(`${run}?tab=drift&drift=map&codes=all`)
      const map = page.getByRole('img', { name: /^Map of \d/ })
      await map.waitFor()
      await page.waitForTimeout(1000)
      const lit = await pointPixels(await map.screenshot())
      return { lit, byProcessor: (await page.getByText('the processor draws').count()) > 0 }
    }
    const first = await drawn()
    await page.addInitScript(hideRenderer)
    const second = await drawn()
    expect(first.lit).toBeGreaterThan(200)
    // A machine without any WebGL draws both by hand.
    expect(Math.abs(second.lit - first.lit) / first.lit).toBeLessThan(second.byProcessor ? 0.01 : 0.4)
    expect(app.problems).toEqual([])
  }, 60_000)

  it('measures the codebook on held-out pictures, and keeps the figures', async () => {
    const { page } = app
    await page.goto(`${run}?tab=codebook&view=measured`)
    await page.getByRole('button', { name: 'Measure', exact: true }).click()
    await page.getByText(/^Measured at step 12$/).waitFor({ timeout: 120_000 })
    await page
      .getByRole('button', { name: /perplexity/ })
      .first()
      .click()
    await page.getByRole('complementary', { name: 'Inspector' }).getByText('Definition').waitFor()
    await page.reload()
    await page.getByText(/^Measured at step 12$/).waitFor()
  }, 180_000)

  it('leaves a torn sample out, and says so', async () => {
    const { page } = app
    writeFileSync(join(runFiles(folder()).samples, 'step-00000004.safetensors'), 'torn')
    await page.goto('about:blank')
    await page.goto(`${run}?tab=codebook`)
    await page
      .getByText(/1 sample left out, which cannot be read: step 4/)
      .first()
      .waitFor()
    await page
      .getByRole('img', { name: /over 3 samples/ })
      .first()
      .waitFor()
  }, 60_000)
})

/** Pixels of a picture that are not of its ground, which is the colour of most. */
async function pointPixels(png: Buffer): Promise<number> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const counts = new Map<number, number>()
  for (let at = 0; at < data.length; at += info.channels) {
    const colour = ((data[at] as number) << 16) | ((data[at + 1] as number) << 8) | (data[at + 2] as number)
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  return info.width * info.height - Math.max(...counts.values())
}

/** Runs in the page before its own scripts: keeps it from learning that the processor computes WebGL. */
function hideRenderer(): void {
  const { getExtension } = WebGL2RenderingContext.prototype
  WebGL2RenderingContext.prototype.getExtension = function (this: WebGL2RenderingContext, name: string) {
    return name === 'WEBGL_debug_renderer_info' ? null : getExtension.call(this, name as 'WEBGL_multi_draw')
  } as typeof getExtension
}
