import { EventEmitter } from 'node:events'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { os, type RouterClient } from '@orpc/server'
import type { IpcMain } from 'electron'
import { afterEach, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { portChannel } from '../../src-shared/port-handover.ts'

vi.mock('electron', () => ({ protocol: {} }))
const { answerOnPorts } = await import('./api-port.ts')

const router = {
  invert: os.input(z.instanceof(Blob)).handler(async ({ input }) => {
    const bytes = new Uint8Array(await input.arrayBuffer())
    return new Blob([bytes.map((byte) => 255 - byte)])
  }),
}

/** A port with the events of Electron's MessagePortMain, whose messages come wrapped. */
function portMain(port: MessagePort) {
  const events = new EventEmitter()
  port.on('message', (data) => events.emit('message', { data }))
  port.on('close', () => events.emit('close'))
  return Object.assign(events, {
    postMessage: (data: unknown) => port.postMessage(data),
    start: vi.fn(() => port.start()),
    close: vi.fn(() => port.close()),
  })
}

const open: MessagePort[] = []
afterEach(() => {
  for (const port of open.splice(0)) port.close()
})

/** Sends a port to the main process from a frame at an address. */
function sendPort(url: string, isMainFrame = true) {
  const ipcMain = new EventEmitter()
  answerOnPorts(ipcMain as unknown as IpcMain, router)
  const { port1, port2 } = new MessageChannel()
  open.push(port1, port2)
  const port = portMain(port2)
  const frame = { url }
  ipcMain.emit(portChannel, { ports: [port], senderFrame: frame, sender: { mainFrame: isMainFrame ? frame : {} } })
  return { port, page: port1 }
}

it("answers the app's own page, 5 MB of binary included", async () => {
  const { page } = sendPort('app://workbench/')
  const client: RouterClient<typeof router> = createORPCClient(
    new RPCLink({ port: page as unknown as globalThis.MessagePort }),
  )
  page.start()
  const bytes = new Uint8Array(5 * 2 ** 20).map((_, at) => at * 7)
  const answer = new Uint8Array(await (await client.invert(new Blob([bytes]))).arrayBuffer())
  expect(
    Buffer.compare(
      answer,
      bytes.map((byte) => 255 - byte),
    ),
  ).toBe(0)
})

it('closes ports from other pages and from frames inside of the page', () => {
  for (const { port } of [sendPort('https://example.org/'), sendPort('app://workbench/', false)]) {
    expect(port.close).toHaveBeenCalledOnce()
    expect(port.start).not.toHaveBeenCalled()
  }
})
