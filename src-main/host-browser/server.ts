import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { AnyRouter } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import { WebSocketServer } from 'ws'
import { socketPath } from '../../src-shared/port-handover.ts'
import { pageHeaders } from '../page/policy.ts'
import { readRendererFile } from '../page/renderer-files.ts'
import { rpcOptions } from '../page/rpc.ts'
import { createSessions } from './sessions.ts'

export interface BrowserServer {
  /** "http://127.0.0.1:PORT" */
  origin: string
  /** The address with a new one-time token; an earlier address that was not used stops working. */
  freshAddress(): string
  /** Ends every connection and frees the port. */
  close(): Promise<void>
}

/** Loopback only: the machine's other addresses are never listened on. */
const loopback = '127.0.0.1'
/** Largest message from the page, bytes. */
const mostMessageBytes = 32 * 2 ** 20
const heartbeatMs = 30_000

/**
 * Serves the window to a browser on this machine: files over HTTP, the API over a WebSocket.
 * @param port 0 takes any free one
 * @throws Error with code EADDRINUSE if the port is taken
 */
export async function startBrowserServer(options: {
  router: AnyRouter
  rendererFolder: string
  port: number
}): Promise<BrowserServer> {
  const http = createServer()
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(options.port, loopback, resolve)
  })
  const { port } = http.address() as AddressInfo
  const host = `${loopback}:${port}`
  const origin = `http://${host}`
  const sessions = createSessions(port)
  const headers = pageHeaders([`ws://${host}`])
  const handler = new RPCHandler(options.router, rpcOptions)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: mostMessageBytes, perMessageDeflate: false })

  http.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error(error)
      if (!response.headersSent) plain(response, 500, error instanceof Error ? error.message : String(error))
      else response.destroy()
    })
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    // A name that resolves to this machine (DNS rebinding) is not this server.
    if (request.headers.host !== host) return plain(response, 421, `This server answers to ${origin} only.`)
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(response, 405, 'GET and HEAD only.')
    const url = URL.parse(request.url ?? '/', origin)
    if (url === null || url.origin !== origin) return plain(response, 400, 'Not an address of this server.')
    const token = url.searchParams.get('token')
    if (token !== null && request.method === 'GET') {
      const session = sessions.exchange(token)
      if (session !== null) {
        response.setHeader('Set-Cookie', sessions.cookie(session))
        response.writeHead(303, { Location: '/', 'Cache-Control': 'no-store' }).end()
        return
      }
    }
    if (!sessions.admits(request.headers.cookie)) return plain(response, 401, notAdmitted)
    if (token !== null) {
      // An old address opened again by somebody who is in already.
      response.writeHead(303, { Location: '/', 'Cache-Control': 'no-store' }).end()
      return
    }
    const file = await readRendererFile(options.rendererFolder, url.pathname)
    if (file === null) return plain(response, 404, `There is nothing at ${url.pathname}.`)
    response.writeHead(200, {
      'Content-Type': file.type,
      'Content-Length': file.body.length,
      'Cache-Control': file.cache,
    })
    response.end(request.method === 'HEAD' ? undefined : file.body)
  }

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = whyRefused(request)
    if (refusal !== null) {
      socket.on('error', () => socket.destroy())
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      // A message over the limit or a broken frame; the close that follows tells the page.
      webSocket.on('error', (error) => console.error(`WebSocket of the window: ${error.message}`))
      let alive = true
      webSocket.on('pong', () => {
        alive = true
      })
      const heartbeat = setInterval(() => {
        if (!alive) return webSocket.terminate()
        alive = false
        webSocket.ping()
      }, heartbeatMs)
      webSocket.on('close', () => clearInterval(heartbeat))
      void handler.upgrade(webSocket)
    })
  })

  function whyRefused(request: IncomingMessage): string | null {
    if (request.headers.host !== host) return '421 Misdirected Request'
    if (request.url !== socketPath) return '404 Not Found'
    if (request.headers.origin !== origin) return '403 Forbidden'
    if (!sessions.admits(request.headers.cookie)) return '401 Unauthorized'
    return null
  }

  return {
    origin,
    freshAddress: () => `${origin}/?token=${sessions.freshToken()}`,
    async close() {
      for (const webSocket of sockets.clients) webSocket.terminate()
      const closed = new Promise<void>((resolve) => http.close(() => resolve()))
      http.closeAllConnections()
      await closed
    },
  }
}

const notAdmitted =
  'Open the address that the app printed when it started; it works once. Press Enter in its terminal for a new one.'

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
  response.end(`${text}\n`)
}
