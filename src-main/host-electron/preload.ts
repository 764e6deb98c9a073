import { ipcRenderer } from 'electron'
import { portAnswer, portChannel, portRequest } from '../../src-shared/port-handover.ts'

/** Gives the page one end of a new channel whenever it asks, and the main process the other. Nothing else is exposed. */
window.addEventListener('message', (event) => {
  if (event.source !== window || event.data !== portRequest) return
  const { port1, port2 } = new MessageChannel()
  ipcRenderer.postMessage(portChannel, null, [port2])
  // '/' means this page's own origin.
  window.postMessage(portAnswer, '/', [port1])
})
