import { type Protocol, protocol } from 'electron'
import { appHost, appProtocol } from '../../src-shared/port-handover.ts'
import { pageHeaders } from '../page/policy.ts'
import { readRendererFile } from '../page/renderer-files.ts'

const scheme = appProtocol.slice(0, -1)

/** Address of the window's page. */
export const pageAddress = `${appProtocol}//${appHost}/`

/** True for addresses of the page itself; nothing else may be shown or may ask for a port. */
export function isPage(address: string): boolean {
  const url = URL.parse(address)
  return url !== null && url.protocol === appProtocol && url.host === appHost
}

/** Makes app:// a secure origin of its own. Must run before the app is ready. */
export function declareAppProtocol(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** Serves the built window on app://workbench/, with the same headers as the browser host. */
export function serveAppProtocol(target: Protocol, rendererFolder: string): void {
  const headers = pageHeaders()
  target.handle(scheme, async (request) => {
    const plain = (status: number, text: string) =>
      new Response(`${text}\n`, { status, headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' } })
    if (!isPage(request.url)) return plain(404, `There is nothing at ${request.url}.`)
    if (request.method !== 'GET') return plain(405, 'GET only.')
    const { pathname } = new URL(request.url)
    const file = await readRendererFile(rendererFolder, pathname)
    if (file === null) return plain(404, `There is nothing at ${pathname}.`)
    return new Response(file.body, {
      headers: { ...headers, 'Content-Type': file.type, 'Cache-Control': file.cache },
    })
  })
}
