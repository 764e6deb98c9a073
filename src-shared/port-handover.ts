/**
 * How the desktop window's page gets its MessagePort: it posts `portRequest` to itself, the preload answers with
 * `portAnswer` carrying one end of a new channel, and sends the other end to the main process on `portChannel`.
 */
export const portRequest = 'unicode-workbench:request-port'
export const portAnswer = 'unicode-workbench:port'
export const portChannel = 'unicode-workbench:connect'

/** Scheme and host of the desktop window's page; the browser host serves the same page over http. */
export const appProtocol = 'app:'
export const appHost = 'workbench'

/** Path of the browser host's WebSocket, relative to its origin. */
export const socketPath = '/rpc'
