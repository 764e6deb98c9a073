import { resolve } from 'node:path'
import { chromium } from 'playwright-core'
import { startBrowserServer } from '../../src-main/host-browser/server.ts'
import { router } from './router.ts'

/**
 * How long the frames of the drift map take while a hand pans and zooms it, over the renderer as built last:
 * `node test/fake-host/frames.ts [ADDRESS] [CHROMIUM FLAGS…]`, such as `--use-angle=swiftshader
 * --enable-unsafe-swiftshader` for WebGL in software, or `--disable-3d-apis` for none.
 */
const [address = '/runs/SmolLM2-whole-vocabulary-0025?tab=drift&drift=map&codes=all', ...flags] = process.argv.slice(2)
const server = await startBrowserServer({
  router,
  rendererFolder: resolve(import.meta.dirname, '../../out/renderer'),
  port: 0,
})
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', ...flags],
})
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  page.on('console', (message) => message.type() === 'error' && console.error(message.text()))
  await page.goto(server.freshAddress())
  await page.goto(`${server.origin}/#${address}`)
  const map = page.getByRole('img', { name: /^Map of/ })
  await map.waitFor({ timeout: 120_000 })
  await page.waitForTimeout(3000)
  const box = await map.boundingBox()
  if (!box) throw new Error('the map has no size')
  const renderer = await page.evaluate(() => {
    const gl = document.createElement('canvas').getContext('webgl2')
    const info = gl?.getExtension('WEBGL_debug_renderer_info')
    return gl && info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : 'no WebGL'
  })
  for (const gesture of ['pan', 'zoom'] as const) {
    const times = await map.evaluate(gestureFrames, gesture)
    times.sort((a, b) => a - b)
    const at = (share: number) => (times[Math.floor(share * (times.length - 1))] as number).toFixed(1)
    console.log(`${gesture}: ${times.length} frames, median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms`)
  }
  console.log(`${Math.round(box.width)} × ${Math.round(box.height)} px, ${renderer}`)
} finally {
  await browser.close()
  await server.close()
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
