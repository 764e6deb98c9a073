import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import { appProtocol, portAnswer, portRequest, socketPath } from '../../src-shared/port-handover.ts'
import type { Transport } from './connection.ts'

/** Opens whichever transport this page has. Throws an Error with one sentence for people if it cannot be opened. */
export function openTransport(): Promise<Transport> {
  return location.protocol === appProtocol ? openPort() : openSocket()
}

const handoverTimeoutMs = 10_000

/** Desktop window: a MessagePort that the preload makes on request. */
function openPort(): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      window.removeEventListener('message', receive)
      reject(new Error('The window got no line to the app. Close it and start the app again.'))
    }, handoverTimeoutMs)
    const receive = (event: MessageEvent) => {
      const port = event.ports[0]
      if (event.source !== window || event.data !== portAnswer || !port) return
      window.removeEventListener('message', receive)
      clearTimeout(timer)
      const closed = new Promise<string>((ended) => {
        port.addEventListener('close', () => ended('The app closed its line to this window.'))
      })
      const link = new PortLink({ port })
      port.start()
      resolve({ link, closed })
    }
    window.addEventListener('message', receive)
    // '/' means this page's own origin.
    window.postMessage(portRequest, '/')
  })
}

/** Browser: a WebSocket on the page's own origin; the session cookie goes with it. */
function openSocket(): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const address = new URL(socketPath, location.href)
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(address)
    socket.binaryType = 'arraybuffer'
    const closed = new Promise<string>((ended) => {
      socket.addEventListener('close', () => ended('The line to the app was cut. Is it still running?'))
    })
    socket.addEventListener('open', () => resolve({ link: new SocketLink({ websocket: socket }), closed }))
    socket.addEventListener('error', () => void whyRefused().then((reason) => reject(new Error(reason))))
  })
}

/** A refused WebSocket says nothing; an ordinary request to the same server does. */
async function whyRefused(): Promise<string> {
  try {
    const answer = await fetch(location.pathname, { method: 'HEAD', cache: 'no-store' })
    if (answer.status === 401) return 'The session has ended. Open the address that the app printed when it started.'
    return `The app refused the connection (status ${answer.status}). Start it again.`
  } catch {
    return 'The app does not answer. Is it still running?'
  }
}
