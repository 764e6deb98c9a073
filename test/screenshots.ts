import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startApp } from './e2e/app.ts'
import { root } from './e2e/build.ts'

/**
 * `npm run screenshots -- --home DIR`: takes the README's pictures from the running app, over a home in which the quick
 * ablation has finished (`npm run cli -- ablate quick --home DIR`). The app must have been built (`npm run build`).
 */
const { values } = parseArgs({ options: { home: { type: 'string' } } })
if (!values.home) {
  process.stderr.write('usage: npm run screenshots -- --home DIR, a home in which the quick ablation has finished\n')
  process.exit(2)
}
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
} finally {
  await app.stop()
}
