import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plainPng, putFiles } from '../fakes/picture-files.ts'
import { tinyRunConfig, trainTinyRun } from '../fixtures/tiny-stage-two-run.ts'
import { chromiumProgram, type RunningApp, startApp } from './app.ts'

const RUN = 'talks'
const OTHER = 'learned-less'
/** Codes of a picture of the tiny run: maps of 2 × 2 and 4 × 4. */
const CODES = 20

describe.skipIf(chromiumProgram.missing)('talking with a model that the app trained', () => {
  const home = mkdtempSync(join(tmpdir(), 'workbench-speak-'))
  let app: RunningApp
  beforeAll(async () => {
    const config = tinyRunConfig(({ multimodal }) =>
      Object.assign(multimodal, { steps: 40, checkpointEvery: 40, evaluateEvery: 40 }),
    )
    await trainTinyRun(home, OTHER, { ...config, multimodal: { ...config.multimodal, steps: 20 } })
    await trainTinyRun(home, RUN, config)
    app = await startApp(home)
  }, 300_000)
  afterAll(async () => {
    expect(app?.problems ?? []).toEqual([])
    await app?.stop()
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  })
  const open = async (tab: string) => {
    await app.page.goto(`${app.origin}/#/runs/${RUN}?tab=${tab}`)
    await app.page.getByRole('tab', { selected: true }).waitFor()
  }

  it('answers about a picture that is chosen by searching', async () => {
    const { page } = app
    await page.goto(`${app.origin}/#/chat`)
    await page.waitForURL(`${app.origin}/#/runs/${RUN}?tab=speak`)
    await page.getByRole('button', { name: 'Pictures' }).click()
    const dialog = page.getByRole('dialog', { name: 'Choose pictures' })
    await dialog.getByRole('searchbox').fill('no picture is called this')
    await dialog.getByText('No picture for').waitFor()
    await dialog.getByRole('searchbox').fill('')
    await dialog.getByRole('listitem').getByRole('button').first().click()
    await dialog.getByRole('button', { name: 'Done' }).click()
    await page.getByLabel('Question or request').fill('what is this?')
    await page.keyboard.press('Enter')
    const answer = page.getByRole('article', { name: 'Answer 1' })
    await answer.getByText(/\d s$/).waitFor({ timeout: 60_000 })
    expect(await answer.locator('p').first().textContent()).not.toBe('')
  }, 120_000)

  it('paints two pictures code by code, and goes on from another code', async () => {
    const { page } = app
    await page.getByRole('radio', { name: 'Paint a picture' }).click()
    await page.getByLabel('Answers side by side').fill('2')
    await page.getByLabel('Question or request').fill('paint a red apple.')
    await page.keyboard.press('Enter')
    const whole = page.getByText(`${CODES} codes, NLL`)
    await whole.nth(1).waitFor({ timeout: 60_000 })
    await page.getByRole('button', { name: 'Paint', exact: true }).waitFor()
    await page.getByRole('img', { name: 'Codes of layer 1' }).first().click()
    const choices = page.getByRole('radiogroup', { name: 'Code to go on with' }).getByRole('radio')
    await choices.nth(1).click()
    await page.getByRole('button', { name: 'Continue from here' }).click()
    await page.getByRole('article', { name: 'Answer 3' }).getByText('from answer 1').waitFor()
    await whole.nth(2).waitFor({ timeout: 60_000 })
  }, 120_000)

  it('edits codes by the keyboard, decodes and scores them at once, and takes the edit back', async () => {
    const { page } = app
    await open('edit')
    const map = page.getByRole('img', { name: /^Codes of A, layer 0/ })
    await map.focus({ timeout: 60_000 })
    for (const key of ['ArrowRight', ' ', 'Shift+ArrowDown']) await page.keyboard.press(key)
    await page.getByText('2 cells of layer 0 selected').waitFor()
    await page.keyboard.press('t')
    await page.getByRole('img', { name: /^Picture A after [12] changed codes/ }).waitFor()
    await page.getByText(/[+−][\d.]+: (likelier|less likely)/).waitFor({ timeout: 60_000 })
    await page.keyboard.press('Control+z')
    await page.getByRole('img', { name: 'Picture A after 0 changed codes' }).waitFor()
    await page.getByText('as before', { exact: true }).waitFor({ timeout: 60_000 })
  }, 120_000)

  it('sees the answer to a question change with the codes', async () => {
    const { page } = app
    const map = page.getByRole('img', { name: /^Codes of A, layer 0/ })
    await page.getByLabel('all layers over the same pixels').click()
    await map.focus()
    await page.keyboard.press('Shift+ArrowRight')
    await page.getByText('4 cells of layer 0 selected').waitFor()
    const ask = page.getByRole('button', { name: 'Ask', exact: true })
    const verdict = page.getByText(/Answer changed|Same answer/)
    await ask.click()
    await verdict.waitFor({ timeout: 60_000 })
    expect(await verdict.textContent()).toContain('Same answer')
    const stale = page.getByText('Asked before the last change')
    // A model that has hardly learned yet does not heed every code.
    for (const code of [5, 20, 40, 60, 80, 100]) {
      await page.getByLabel('Code to mask with, by number or token').fill(String(code))
      await map.focus()
      await page.keyboard.press('m')
      await stale.waitFor()
      await ask.click()
      await stale.waitFor({ state: 'detached' })
      await verdict.waitFor({ timeout: 60_000 })
      if ((await verdict.textContent())?.includes('Answer changed')) return
    }
    expect.fail('whatever code the whole picture is made of, the answer stays the same')
  }, 240_000)

  it('shows what is learned of a dialogue, and checks all of them', async () => {
    const { page } = app
    await open('dialogues')
    const dialogue = page.getByRole('img', { name: 'Dialogue 1.' })
    await dialogue.focus({ timeout: 60_000 })
    await page.keyboard.press('End')
    await page.getByText(/^Position \d+: token \d+ “<\/s>”; learned$/).waitFor()
    await page.getByRole('button', { name: 'Check all dialogues' }).click()
    await page.getByText('every dialogue that was looked at has something to learn').waitFor({ timeout: 60_000 })
  }, 120_000)

  it('lists what it said to held-out questions, each with its picture and code maps', async () => {
    const { page } = app
    await open('answers')
    await page.getByRole('region', { name: 'Answers' }).getByRole('button').first().click()
    const inspector = page.getByRole('complementary', { name: 'Inspector' })
    await inspector.getByRole('img', { name: 'Picture 1 of the question', exact: true }).waitFor({ timeout: 60_000 })
    await inspector.getByRole('img', { name: 'Picture 1 of the question, codes of layer 1, 4 × 4' }).focus()
    await page.keyboard.press('ArrowRight')
    await inspector.getByText(/^Layer 1, row 1, column 1: code \d+/).waitFor()
  }, 120_000)

  it('compares the answers of two runs question by question', async () => {
    const { page } = app
    await page.goto(`${app.origin}/#/compare?runs=${RUN},${OTHER}&tab=answers&which=all`)
    await page
      .getByText(/^(larger|not larger) than noise$/)
      .first()
      .waitFor({ timeout: 60_000 })
    const questions = page.getByRole('table', { name: 'Answers of all runs' })
    expect(await questions.getByRole('row').count()).toBeGreaterThan(1)
    await questions
      .getByRole('img', { name: /^(right|wrong)$/ })
      .first()
      .waitFor()
  }, 120_000)

  it('shows a decompression both ways', async () => {
    const { page } = app
    await open('decompress')
    const free = page.getByRole('img', { name: /^Free-running codes of layer 1, \d+ of them wrong/ })
    await free.waitFor({ timeout: 60_000 })
    // Off the board, which would forget what the keys point at when the pointer leaves it.
    await page.mouse.move(0, 0)
    await free.focus()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('complementary', { name: 'Inspector' }).getByText('True code').waitFor()
  }, 120_000)

  it('lets a run answer a benchmark, and lists its errors with picture and code maps', async () => {
    const { page } = app
    const question = (question_id: number, label: string) =>
      `${JSON.stringify({ question_id, image: `${question_id}.png`, text: 'is there a dog in the image?', label })}\n`
    const folder = putFiles(join(home, 'benchmark'), {
      // Whatever it says to both, one of them is wrong.
      'coco_pope_random.json': question(1, 'yes') + question(1, 'no').replace(':1,', ':2,'),
      '1.png': await plainPng(3),
    })
    await page.goto(`${app.origin}/#/evaluations`)
    await page.getByRole('heading', { name: 'Nothing scored yet' }).waitFor()
    await page.getByRole('button', { name: 'Score answers or pictures' }).click()
    const dialog = page.getByRole('dialog', { name: 'Score answers or pictures' })
    await dialog.getByLabel('Official questions').fill(join(folder, 'none.json'))
    await dialog.getByLabel('Folder of the pictures').fill(folder)
    await dialog.getByRole('radio', { name: 'A run' }).click()
    await dialog.getByLabel('Run', { exact: true }).click()
    await page.getByRole('option', { name: new RegExp(`${RUN}$`) }).click()
    await dialog.getByRole('button', { name: 'Score' }).click()
    await dialog.getByText('there is nothing at').waitFor()
    await dialog.getByLabel('Official questions').fill(join(folder, 'coco_pope_random.json'))
    await dialog.getByRole('button', { name: 'Score' }).click()
    await page.getByRole('heading', { name: /^POPE: tiny, seed/ }).waitFor()
    await page.getByText('2 of 2 questions answered').waitFor({ timeout: 60_000 })
    await page.getByRole('radio', { name: 'Wrong 1' }).click()
    await page.getByRole('region', { name: 'Questions' }).getByRole('button').click()
    const inspector = page.getByRole('complementary', { name: 'Inspector' })
    await inspector.getByRole('img', { name: 'Picture 1.png', exact: true }).waitFor({ timeout: 60_000 })
    await inspector.getByRole('img', { name: 'Picture 1.png, codes of layer 1, 4 × 4' }).waitFor()
    await page.goto(`${app.origin}/#/evaluations`)
    await page.getByRole('link', { name: /^POPE: tiny, seed/ }).waitFor()
  }, 120_000)

  it('scores pictures, with a card for each figure, and says what is wrong with them', async () => {
    const { page } = app
    const score = async (name: string, side: number) => {
      const pictures = Object.fromEntries(
        await Promise.all([1, 2, 3, 4].map(async (at) => [`${at}.png`, await plainPng(at, side, side)] as const)),
      )
      await page.goto(`${app.origin}/#/evaluations`)
      await page.getByRole('button', { name: 'Score answers or pictures' }).click()
      const dialog = page.getByRole('dialog', { name: 'Score answers or pictures' })
      await dialog.getByRole('tab', { name: 'Pictures' }).click()
      await dialog.getByLabel('Folder of the pictures').fill(putFiles(join(home, name), pictures))
      await dialog.getByLabel('Folder of the reference').fill(join(home, name))
      await dialog.getByRole('radio', { name: 'Reconstructions' }).click()
      await dialog.getByRole('button', { name: 'Score' }).click()
      await page.getByRole('heading', { name: `Pictures: ${name}` }).waitFor()
    }
    await score('tiny', 8)
    await page.getByRole('alert').getByText('no pair is large enough for SSIM').waitFor({ timeout: 60_000 })
    await page.getByRole('button', { name: 'Score', exact: true }).waitFor()
    await score('small', 24)
    await page.getByRole('button', { name: 'PSNR', exact: true }).click({ timeout: 60_000 })
    await page.getByRole('complementary', { name: 'Inspector' }).getByText('Definition').waitFor()
  }, 180_000)
})
