import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sourcesDigest } from './sources.ts'

/** What must be there for either host to start. */
const outputs = ['out/main/index.js', 'out/main/browser.js', 'out/preload/preload.cjs', 'out/renderer/index.html']

/**
 * Builds the app into out/ unless nothing has changed since it was built last.
 * @returns whether it was built, and how long that took, ms
 * @throws Error with the build's own words if it fails
 */
export async function ensureBuilt(
  root: string,
  say: (line: string) => void,
  build: (root: string) => Promise<void> = runBuild,
): Promise<{ built: boolean; ms: number }> {
  const stamp = join(root, 'out', 'sources.sha256')
  const digest = sourcesDigest(root)
  const upToDate =
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === digest &&
    outputs.every((output) => existsSync(join(root, output)))
  if (upToDate) return { built: false, ms: 0 }
  say('Building …')
  const begin = performance.now()
  // A build that is cut short must not look like a whole one.
  rmSync(stamp, { force: true })
  await build(root)
  mkdirSync(join(root, 'out'), { recursive: true })
  writeFileSync(stamp, digest)
  return { built: true, ms: performance.now() - begin }
}

function runBuild(root: string): Promise<void> {
  const tool = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tool, 'build', '--logLevel', 'warn'], {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1' },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk
      })
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`the build failed:\n${output.trim()}`))
    })
  })
}
