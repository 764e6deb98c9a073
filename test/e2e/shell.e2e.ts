import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumProgram, openChromium, type RunningApp, startApp } from './app.ts'

describe.skipIf(chromiumProgram.missing)('the app in a browser', () => {
  let app: RunningApp

  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(async () => {
    await app?.stop()
  })

  it('opens on a clean address and shows its shell', async () => {
    const { page } = app
    await page.getByRole('navigation', { name: 'Views' }).waitFor()
    await page.getByRole('main').waitFor()
    expect(new URL(page.url()).search).toBe('')
    expect(await page.title()).toContain('UniCode Workbench')
    expect(app.problems).toEqual([])
  })

  it('keeps its session from scripts', async () => {
    expect(await app.page.evaluate(() => document.cookie)).toBe('')
  })

  it('refuses another browser that has no token', async () => {
    const other = await openChromium()
    try {
      const page = await other.newPage()
      const answer = await page.goto(app.origin)
      expect(answer?.status()).toBe(401)
      expect(await page.getByText('Open the address').count()).toBe(1)
    } finally {
      await other.close()
    }
  })

  it('lets another browser in with a fresh address, once', async () => {
    const address = await app.freshAddress()
    const [first, second] = await Promise.all([openChromium(), openChromium()])
    try {
      const page = await first.newPage()
      await page.goto(address)
      await page.getByRole('navigation', { name: 'Views' }).waitFor()
      const late = await second.newPage()
      expect((await late.goto(address))?.status()).toBe(401)
    } finally {
      await Promise.all([first.close(), second.close()])
    }
  })

  it('refuses the API to a page of another origin in the same browser', async () => {
    // Another port of the same machine is the same site: the cookie goes along, the Origin gives it away.
    const elsewhere = createServer((_request, response) => response.end('<!doctype html><title>elsewhere</title>'))
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    const page = await app.page.context().newPage()
    try {
      await page.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`)
      const address = `${app.origin.replace('http', 'ws')}/rpc`
      expect(await page.evaluate(connects, address)).toBe(false)
      expect(await app.page.evaluate(connects, address)).toBe(true)
    } finally {
      await page.close()
      elsewhere.closeAllConnections()
      elsewhere.close()
    }
  })

  it('shows in the rail where codebook and code maps will stand, and how to come by a run', async () => {
    const { page } = app
    for (const name of ['Codebook', 'Code maps']) {
      const link = page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name })
      await link.click()
      await page.getByRole('heading', { name: 'No runs yet' }).waitFor()
      expect(await link.getAttribute('aria-current')).toBe('page')
      expect(await page.getByRole('button', { name: 'Quick ablation' }).count()).toBe(1)
    }
    await page.keyboard.press('Control+k')
    await page.getByRole('option', { name: 'New ablation' }).waitFor()
    expect(await page.getByRole('option', { name: /^Codebook of/ }).count()).toBe(0)
    await page.keyboard.press('Escape')
  })

  it('ends at once on Ctrl-C, and the page says so', async () => {
    const ended = new Promise<number | null>((resolve) => app.host.once('exit', resolve))
    app.host.kill('SIGINT')
    expect(await ended).toBe(0)
    await app.page
      .getByRole('alert')
      .filter({ hasText: /was cut|does not answer/ })
      .waitFor()
  })
})

/** Runs in a page: whether a WebSocket to the address opens. */
function connects(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(address)
    socket.onopen = () => {
      socket.close()
      resolve(true)
    }
    socket.onerror = () => resolve(false)
  })
}
