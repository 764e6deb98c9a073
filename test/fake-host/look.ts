import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { build, mergeConfig } from 'vite'
import electronVite from '../../electron.vite.config.ts'
import { startBrowserServer } from '../../src-main/host-browser/server.ts'
import { router } from './router.ts'
import { ablations, runs } from './runs.ts'

/**
 * Pictures of the window over made-up data, 1280 × 800, light and dark:
 * `node test/fake-host/look.ts --out DIR [--theme light] [--keys "Control+k"] [--hover SELECTOR] '/runs' '/runs/…'`.
 * Errors of the page are printed and end it with exit code 1.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: 'out/look' },
    build: { type: 'boolean', default: true },
    theme: { type: 'string', multiple: true, default: ['light', 'dark'] },
    keys: { type: 'string', multiple: true, default: [] },
    click: { type: 'string', multiple: true, default: [] },
    hover: { type: 'string' },
    empty: { type: 'boolean', default: false },
  },
  allowNegative: true,
})
const root = resolve(import.meta.dirname, '../..')
const rendererFolder = join(root, 'out/renderer')
if (values.build) {
  const { renderer } = electronVite as { renderer: object }
  await build(
    mergeConfig(renderer, {
      configFile: false,
      root: join(root, 'src-renderer'),
      base: './',
      logLevel: 'warn',
      build: {
        outDir: rendererFolder,
        emptyOutDir: true,
        rolldownOptions: { input: join(root, 'src-renderer/index.html') },
      },
    }),
  )
}
if (values.empty) {
  runs.clear()
  ablations.clear()
}
mkdirSync(values.out, { recursive: true })
const server = await startBrowserServer({ router, rendererFolder, port: 0 })
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--font-render-hinting=none'],
})
let faults = 0
try {
  for (const theme of values.theme) {
    const page = await browser.newPage({
      viewport: { width: 1280, height: 800 },
      colorScheme: theme === 'dark' ? 'dark' : 'light',
    })
    page.on('console', (message) => {
      if (message.type() !== 'error') return
      faults++
      console.error(`${theme}: ${message.text()}`)
    })
    page.on('pageerror', (error) => {
      faults++
      console.error(`${theme}: ${error.stack}`)
    })
    await page.goto(server.freshAddress())
    for (const address of positionals) {
      await page.goto(`${server.origin}/#${address}`)
      await page.waitForTimeout(900)
      for (const selector of values.click) await page.locator(selector).first().click()
      for (const key of values.keys) await page.keyboard.press(key)
      if (values.hover) await page.locator(values.hover).first().hover()
      if (values.click.length + values.keys.length > 0 || values.hover) await page.waitForTimeout(600)
      const name = address.replace(/^\//, '').replaceAll(/[^\w-]+/g, '_') || 'home'
      await page.screenshot({ path: join(values.out, `${name}-${theme}.png`) })
    }
    await page.close()
  }
} finally {
  await browser.close()
  await server.close()
}
process.exitCode = faults > 0 ? 1 : 0
