import type { Channel } from './answer-requests.ts'

/** The port of an Electron utility process, as far as it is used here. */
interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
}

/**
 * The way to the app that started this process, whether by Electron or by Node. A process of Node's ends with the app, as
 * Electron's do by themselves.
 * @throws Error if nobody is there
 */
export function parentChannel(): Channel {
  const { parentPort } = process as { parentPort?: ParentPort }
  if (parentPort)
    return {
      send: (message) => parentPort.postMessage(message),
      onMessage: (listener) => parentPort.on('message', ({ data }) => listener(data)),
    }
  if (!process.send) throw new Error('this process answers messages; it is started by the app, with a channel to it')
  process.once('disconnect', () => process.exit(0))
  // Ctrl-C in the app's terminal reaches this process too; the app ends it in its own way.
  process.on('SIGINT', () => {})
  return {
    send: (message) => void process.send?.(message, undefined, undefined, () => {}),
    onMessage: (listener) => void process.on('message', listener),
  }
}
