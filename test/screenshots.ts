import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startApp } from './e2e/app.ts'
import { root } from './e2e/build.ts'

/**
 * `npm run screenshots -- --home DIR`: takes the README's pictures from the running app, over a home in which the quick
 * ablation has finished (`npm run cli -- ablate quick --home DIR`), Table 1 of the live paper
 * (`npm run cli -- ablate paradigms-mllm-quick --home DIR`) and then a run that reads and paints
 * (`npm run cli -- train unicode-smollm2 --home DIR`). The app must have been built (`npm run build`). `--only` takes the
 * pictures of one of them.
 */
const parts = ['ablation', 'paper', 'chat']
const { values } = parseArgs({ options: { home: { type: 'string' }, only: { type: 'string' } } })
if (!values.home || (values.only !== undefined && !parts.includes(values.only))) {
  process.stderr.write(
    `usage: npm run screenshots -- --home DIR [--only ${parts.join('|')}], a home in which quick, paradigms-mllm-quick and unicode-smollm2 have finished\n`,
  )
  process.exit(2)
}
const wanted = (part: string) => values.only === undefined || values.only === part
const folder = join(root, 'docs', 'screenshots')
mkdirSync(folder, { recursive: true })
const app = await startApp(values.home)
try {
  const { page, origin } = app
  const open = async (path: string) => {
    await page.goto(`${origin}/#${path}`)
    await page.getByRole('main').waitFor()
    await page.waitForTimeout(1500)
  }
  const shoot = (name: string) => page.screenshot({ path: join(folder, `${name}.png`) })

  if (wanted('ablation')) await ofTheAblation()
  if (wanted('paper')) await ofThePaper()
  if (wanted('chat')) await ofTheChat()

  async function ofTheAblation(): Promise<void> {
    await open('/ablate')
    await page.getByRole('link', { name: 'Quick ablation' }).first().click()
    await page.getByRole('table', { name: 'Results' }).waitFor()
    await page.waitForTimeout(1500)
    await shoot('ablation')
    const all = await page.getByRole('link', { name: 'Compare all runs' }).getAttribute('href')
    const runs = new URLSearchParams(all?.split('?')[1]).get('runs')?.split(',') ?? []
    const [first, second, third] = runs
    await open(`/runs/${first}?tab=maps`)
    const fine = page.getByRole('img', { name: /^Layer 1/ })
    await fine.hover({ position: { x: 110, y: 130 } })
    await page.waitForTimeout(500)
    await shoot('code-maps')
    await open(`/compare?runs=${first},${second},${third}&tab=pictures`)
    await shoot('compare')
  }

  async function ofThePaper(): Promise<void> {
    await open('/paper')
    await page.getByRole('heading', { name: /^Table 1/ }).waitFor()
    await page.waitForTimeout(1500)
    await shoot('live-paper')
  }

  /** A picture named, and others painted, with the codes that might have stood at one place. */
  async function ofTheChat(): Promise<void> {
    await open('/chat')
    // What a small run is warned of is shown elsewhere.
    const alarms = page.getByRole('button', { name: /^\d+ alarms?$/, expanded: true })
    if ((await alarms.count()) > 0) await alarms.click()
    await page.getByRole('button', { name: 'Pictures' }).click()
    const dialog = page.getByRole('dialog', { name: 'Choose pictures' })
    await dialog.getByRole('radio', { name: 'Training' }).click()
    await dialog.getByLabel('Search captions and kinds').fill('panda')
    await page.waitForTimeout(1000)
    await dialog.getByRole('listitem').getByRole('button').first().click()
    await dialog.getByRole('button', { name: 'Done' }).click()
    await page.getByLabel('Question or request').fill('What is this?')
    await page.keyboard.press('Enter')
    await page.getByRole('article', { name: 'Answer 1' }).getByText(/\d s$/).waitFor({ timeout: 60_000 })
    await page.getByRole('radio', { name: 'Paint a picture' }).click()
    await page.getByLabel('Answers side by side').fill('2')
    await page.getByLabel('Question or request').fill('Draw a pretzel.')
    await page.keyboard.press('Enter')
    await page
      .getByText(/codes, NLL/)
      .nth(1)
      .waitFor({ timeout: 60_000 })
    await page.getByRole('button', { name: 'Paint', exact: true }).waitFor()
    await page.getByRole('img', { name: 'Codes of layer 0' }).last().click()
    await page.waitForTimeout(1000)
    await shoot('chat-and-paint')
  }
} finally {
  await app.stop()
}
