import type { AnyRouter } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import type { IpcMain } from 'electron'
import { portChannel } from '../../src-shared/port-handover.ts'
import { rpcOptions } from '../page/rpc.ts'
import { isPage } from './app-protocol.ts'

/** Answers the API on every MessagePort that the app's own page sends; ports from anywhere else are closed. */
export function answerOnPorts(ipcMain: IpcMain, router: AnyRouter): void {
  const handler = new RPCHandler(router, rpcOptions)
  ipcMain.on(portChannel, (event) => {
    const [port] = event.ports
    if (!port) return
    const frame = event.senderFrame
    if (frame === null || frame !== event.sender.mainFrame || !isPage(frame.url)) return port.close()
    handler.upgrade(port)
    port.start()
  })
}
