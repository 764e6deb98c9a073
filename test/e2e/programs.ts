import { chooseHost } from '../../src-main/start/choose-host.ts'
import { installedElectron } from '../../src-main/start/electron-binary.ts'
import { findChromium } from '../../src-main/start/find-chromium.ts'
import { root } from './build.ts'

/** A program that tests need, or one sentence why it is not there. */
export type Program = { path: string; missing?: undefined } | { path?: undefined; missing: string }

/** Chromium for the end-to-end tests: CHROMIUM_PATH, the PATH, the usual places. */
export function chromiumForTests(environment: NodeJS.ProcessEnv = process.env): Program {
  const path = findChromium(environment)
  if (path) return { path }
  const chosen = environment.CHROMIUM_PATH
  if (chosen) return { missing: `CHROMIUM_PATH names ${chosen}, which cannot be run` }
  return { missing: 'no Chromium on the PATH or in the usual places; install one or set CHROMIUM_PATH' }
}

/** Electron, where it has been fetched and has a display; tests fetch nothing. */
export async function electronForTests(): Promise<Program> {
  const host = await chooseHost(null, {
    platform: process.platform,
    environment: process.env,
    userId: process.getuid?.(),
    electron: async () => {
      const program = installedElectron(root)
      if (program === null) throw new Error('its binary has not been fetched; "npm start" does that')
      return program
    },
  })
  return host.kind === 'electron' ? { path: host.program } : { missing: host.because ?? '' }
}
