import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { startBrowserServer } from '../../src-main/host-browser/server.ts'
import { router } from './router.ts'

/** The built window over made-up data: `node test/fake-host/main.ts [--port N]`. */
const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } })
const server = await startBrowserServer({
  router,
  rendererFolder: resolve(import.meta.dirname, '../../out/renderer'),
  port: Number(values.port),
})
console.log(server.freshAddress())
console.log('The address works once. Enter: a fresh one. Ctrl-C: end.')
createInterface({ input: process.stdin }).on('line', () => console.log(server.freshAddress()))
