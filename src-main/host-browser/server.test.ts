import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import { os, type RouterClient } from '@orpc/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { type BrowserServer, startBrowserServer } from './server.ts'

const router = {
  invert: os.input(z.instanceof(Blob)).handler(async ({ input }) => {
    const bytes = new Uint8Array(await input.arrayBuffer())
    return new Blob([bytes.map((byte) => 255 - byte)], { type: 'application/octet-stream' })
  }),
  count: os.handler(async function* () {
    for (let at = 0; at < 3; at++) yield at
  }),
  break: os.handler(() => {
    throw new Error('the disk is full')
  }),
}

let folder: string
let server: BrowserServer

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'workbench-server-'))
  mkdirSync(join(folder, 'renderer', 'assets'), { recursive: true })
  writeFileSync(join(folder, 'renderer', 'index.html'), '<!doctype html><title>Window</title>')
  writeFileSync(join(folder, 'renderer', 'assets', 'main-1a2b.js'), 'export {}')
  writeFileSync(join(folder, 'secret.json'), '{"secret":true}')
  symlinkSync(join(folder, 'secret.json'), join(folder, 'renderer', 'link.json'))
  server = await startBrowserServer({ router, rendererFolder: join(folder, 'renderer'), port: 0 })
})
afterEach(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

/** Exchanges a fresh address for the session cookie. */
async function signIn(): Promise<string> {
  const answer = await fetch(server.freshAddress(), { redirect: 'manual' })
  return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
}

describe('the token', () => {
  it('is exchanged for a strict HttpOnly cookie and a clean address', async () => {
    const answer = await fetch(server.freshAddress(), { redirect: 'manual' })
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/')
    expect(answer.headers.get('set-cookie')).toMatch(
      /^unicode-workbench-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    )
  })
  it('works once', async () => {
    const address = server.freshAddress()
    await fetch(address, { redirect: 'manual' })
    const second = await fetch(address, { redirect: 'manual' })
    expect(second.status).toBe(401)
    expect(second.headers.get('set-cookie')).toBeNull()
  })
  it('stops working when a fresh one is made', async () => {
    const old = server.freshAddress()
    const fresh = server.freshAddress()
    expect((await fetch(old, { redirect: 'manual' })).status).toBe(401)
    expect((await fetch(fresh, { redirect: 'manual' })).status).toBe(303)
  })
  it('is not used up by a HEAD request, which link previews send', async () => {
    const address = server.freshAddress()
    expect((await fetch(address, { method: 'HEAD', redirect: 'manual' })).status).toBe(401)
    expect((await fetch(address, { redirect: 'manual' })).status).toBe(303)
  })
})

describe('files', () => {
  it('are refused without a session', async () => {
    for (const path of ['/', '/assets/main-1a2b.js']) {
      const answer = await fetch(server.origin + path)
      expect(answer.status).toBe(401)
      expect(await answer.text()).toContain('Open the address')
    }
  })
  it('come with the security headers', async () => {
    const answer = await fetch(server.origin, { headers: { cookie: await signIn() } })
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('Window')
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain(`connect-src 'self' ${server.origin.replace('http', 'ws')};`)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin')
  })
  it('with a hash in their name are kept by the browser, the page itself is asked for again', async () => {
    const headers = { cookie: await signIn() }
    expect((await fetch(`${server.origin}/assets/main-1a2b.js`, { headers })).headers.get('cache-control')).toContain(
      'immutable',
    )
    expect((await fetch(server.origin, { headers })).headers.get('cache-control')).toBe('no-cache')
  })
  it('outside of the folder are not found by any spelling', async () => {
    const cookie = await signIn()
    for (const path of [
      '/../secret.json',
      '/%2e%2e/secret.json',
      '/..%2fsecret.json',
      '/assets/..%5c..%5csecret.json',
      '/link.json',
      '/%00',
      '/%zz',
    ]) {
      const answer = await rawRequest(
        `GET ${path} HTTP/1.1\r\nHost: ${new URL(server.origin).host}\r\nCookie: ${cookie}\r\n`,
      )
      expect(answer, path).toMatch(/^HTTP\/1.1 40[04] /)
      expect(answer, path).not.toContain('"secret"')
    }
  })
  it('are not served under another host name (DNS rebinding)', async () => {
    const cookie = await signIn()
    const { port } = new URL(server.origin)
    for (const host of [`evil.example:${port}`, `localhost:${port}`, '127.0.0.1']) {
      const answer = await rawRequest(`GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n`)
      expect(answer, host).toMatch(/^HTTP\/1.1 421 /)
    }
  })
  it('cannot be posted to', async () => {
    const answer = await fetch(server.origin, { method: 'POST', headers: { cookie: await signIn() } })
    expect(answer.status).toBe(405)
  })
})

describe('the WebSocket', () => {
  it('carries calls, streams and 5 MB of binary both ways', async () => {
    const { client, socket } = await openClient()
    const bytes = new Uint8Array(5 * 2 ** 20).map((_, at) => at * 31)
    const answer = await client.invert(new Blob([bytes]))
    expect(answer.size).toBe(bytes.length)
    const inverted = new Uint8Array(await answer.arrayBuffer())
    expect(
      Buffer.compare(
        inverted,
        bytes.map((byte) => 255 - byte),
      ),
    ).toBe(0)
    const counted: number[] = []
    for await (const at of await client.count()) counted.push(at)
    expect(counted).toEqual([0, 1, 2])
    socket.terminate()
  })
  it('tells the window the sentence of an unforeseen fault, and stderr the whole', async () => {
    const stderr = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { client, socket } = await openClient()
    await expect(client.break()).rejects.toThrow('the disk is full')
    expect(stderr).toHaveBeenCalledOnce()
    socket.terminate()
  })
  it('is refused without a session', async () => {
    expect(await refusal({ origin: server.origin })).toBe(401)
  })
  it('is refused to pages of another origin, even with the session', async () => {
    const cookie = await signIn()
    expect(await refusal({ cookie, origin: 'http://evil.example' })).toBe(403)
    expect(await refusal({ cookie, origin: server.origin.replace('127.0.0.1', 'localhost') })).toBe(403)
    expect(await refusal({ cookie })).toBe(403)
  })
  it('is refused under another host name', async () => {
    expect(await refusal({ cookie: await signIn(), origin: server.origin, host: 'evil.example' })).toBe(421)
  })
  it('ends a connection that sends more than 32 MiB at once', async () => {
    const stderr = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { socket } = await openClient()
    const code = new Promise<number>((resolve) => socket.on('close', resolve))
    socket.on('error', () => undefined)
    socket.send(new Uint8Array(33 * 2 ** 20))
    expect(await code).toBe(1009)
    expect(stderr).toHaveBeenCalled()
  })
})

it('listens on the loopback address only, and frees the port when closed', async () => {
  const { port, hostname } = new URL(server.origin)
  expect(hostname).toBe('127.0.0.1')
  const { socket } = await openClient()
  const closed = new Promise((resolve) => socket.on('close', resolve))
  await server.close()
  await closed
  server = await startBrowserServer({ router, rendererFolder: join(folder, 'renderer'), port: Number(port) })
  expect(server.origin).toContain(port)
})

it('says so when the port is taken', async () => {
  const port = Number(new URL(server.origin).port)
  await expect(startBrowserServer({ router, rendererFolder: folder, port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
})

async function openClient() {
  const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/rpc`, {
    origin: server.origin,
    headers: { cookie: await signIn() },
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const client: RouterClient<typeof router> = createORPCClient(
    new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }),
  )
  return { client, socket }
}

/** Status with which an upgrade is refused. */
function refusal(headers: { cookie?: string; origin?: string; host?: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/rpc`, { headers })
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.on('open', () => reject(new Error('the upgrade was accepted')))
    socket.on('error', () => undefined)
  })
}

/** Sends exactly these header lines: fetch would tidy the path and the host. */
function rawRequest(head: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(new URL(server.origin).port), '127.0.0.1', () =>
      socket.write(`${head}Connection: close\r\n\r\n`),
    )
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
  })
}
