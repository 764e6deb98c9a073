import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

/** One file of the built renderer, ready to be answered with. */
export interface RendererFile {
  body: Uint8Array<ArrayBuffer>
  type: string
  /** Value of Cache-Control: built assets carry a hash in their name and never change. */
  cache: string
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.wasm': 'application/wasm',
}

/**
 * Finds the file for a request path ("/" is index.html) inside the renderer's folder. Null for what is not there, is of
 * no known type, or lies outside of the folder by "..", by an encoded separator or by a symbolic link.
 * @throws Error if the folder itself is missing (the app has not been built)
 */
export async function readRendererFile(folder: string, pathname: string): Promise<RendererFile | null> {
  const root = await realpath(folder).catch((cause: unknown) => {
    throw new Error(`the built window is missing: ${folder}; run "npm run build"`, { cause })
  })
  const relative = decodedPath(pathname)
  if (relative === null) return null
  const type = types[extname(relative)]
  if (!type) return null
  try {
    const path = await realpath(join(root, relative))
    if (!path.startsWith(root + sep)) return null
    const cache = relative.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
    return { body: new Uint8Array(await readFile(path)), type, cache }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ENAMETOOLONG') return null
    throw error
  }
}

/** "/assets/a%20b.js" → "assets/a b.js"; null for anything that is not a plain path downwards. */
function decodedPath(pathname: string): string | null {
  let path: string
  try {
    path = decodeURIComponent(pathname)
  } catch {
    return null
  }
  if (!path.startsWith('/') || path.includes('\\') || path.includes('\0')) return null
  const parts = path.slice(1).split('/')
  if (parts.some((part) => part === '..' || part === '.')) return null
  return path === '/' ? 'index.html' : parts.join('/')
}
