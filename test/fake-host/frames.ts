import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { startBrowserServer } from '../../src-main/host-browser/server.ts'
import { router } from './router.ts'

/**
 * How long the frames of the drift map take while a hand pans and zooms it, over the renderer as built last:
 * `node test/fake-host/frames.ts [--webgl] [ADDRESS]`. `--webgl` takes WebGL even where the processor computes it.
 */
const { values, positionals } = parseArgs({ allowPositionals: true, options: { webgl: { type: 'boolean' } } })
const [address = '/runs/SmolLM2-whole-vocabulary-0025?tab=drift&drift=map&codes=all'] = positionals
const server = await startBrowserServer({
  router,
  rendererFolder: resolve(import.meta.dirname, '../../out/renderer'),
  port: 0,
})
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  if (values.webgl) await page.addInitScript(hideRenderer)
  page.on('console', (message) => message.type() === 'error' && console.error(message.text()))
  await page.goto(server.freshAddress())
  await page.goto(`${server.origin}/#${address}`)
  const map = page.getByRole('img', { name: /^Map of/ })
  await map.waitFor({ timeout: 120_000 })
  await page.waitForTimeout(3000)
  const box = await map.boundingBox()
  if (!box) throw new Error('the map has no size')
  for (const gesture of ['pan', 'zoom'] as const) {
    const times = await map.evaluate(gestureFrames, gesture)
    times.sort((a, b) => a - b)
    const at = (share: number) => (times[Math.floor(share * (times.length - 1))] as number).toFixed(1)
    console.log(`${gesture}: ${times.length} frames, median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms`)
  }
  const painter = (await page.getByText('the processor draws').count()) > 0 ? 'canvas' : 'WebGL'
  console.log(`drawn by ${painter}, ${Math.round(box.width)} × ${Math.round(box.height)} px`)
} finally {
  await browser.close()
  await server.close()
}

/** Runs in the page before its own scripts: keeps it from learning that the processor computes WebGL. */
function hideRenderer(): void {
  const { getExtension } = WebGL2RenderingContext.prototype
  WebGL2RenderingContext.prototype.getExtension = function (this: WebGL2RenderingContext, name: string) {
    return name === 'WEBGL_debug_renderer_info' ? null : getExtension.call(this, name as never)
  } as typeof getExtension
}

/** Runs in the page: a gesture of one event a frame; ms from frame to frame. */
async function gestureFrames(map: Element, gesture: 'pan' | 'zoom'): Promise<number[]> {
  const frame = () => new Promise<number>((done) => requestAnimationFrame(done))
  const { left, top, width, height } = map.getBoundingClientRect()
  const at = (x: number, y: number) => ({
    clientX: left + width / 2 + x,
    clientY: top + height / 2 + y,
    bubbles: true,
    cancelable: true,
    pointerId: 1,
    button: 0,
  })
  // A made-up pointer cannot be captured.
  map.setPointerCapture = () => {}
  if (gesture === 'pan') map.dispatchEvent(new PointerEvent('pointerdown', at(0, 0)))
  const times: number[] = []
  let before = await frame()
  for (let index = 0; index < 60; index++) {
    if (gesture === 'pan') map.dispatchEvent(new PointerEvent('pointermove', at(3 * index, 2 * index)))
    else map.dispatchEvent(new WheelEvent('wheel', { ...at(40, 10), deltaY: index < 30 ? -40 : 40 }))
    const now = await frame()
    times.push(now - before)
    before = now
  }
  if (gesture === 'pan') map.dispatchEvent(new PointerEvent('pointerup', at(180, 120)))
  return times
}
