import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chooseHost } from '../../src-main/start/choose-host.ts'
import { installedElectron } from '../../src-main/start/electron-binary.ts'
import { root } from './build.ts'

/** A program that tests need, or one sentence why it is not there. */
export type Program = { path: string; missing?: undefined } | { path?: undefined; missing: string }

/** Chromium: CHROMIUM_PATH, else the usual places of this system. */
export function findChromium(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  exists: (path: string) => boolean = existsSync,
): Program {
  const chosen = environment.CHROMIUM_PATH
  if (chosen)
    return exists(chosen) ? { path: chosen } : { missing: `CHROMIUM_PATH names ${chosen}, which is not there` }
  const path = usualPlaces(environment, platform).find(exists)
  return path ? { path } : { missing: 'no Chromium in the usual places; install one or set CHROMIUM_PATH' }
}

function usualPlaces(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  if (platform === 'darwin')
    return ['Chromium', 'Google Chrome', 'Microsoft Edge'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    )
  if (platform === 'win32')
    return [environment.PROGRAMFILES, environment['PROGRAMFILES(X86)'], environment.LOCALAPPDATA]
      .filter((folder) => folder !== undefined)
      .flatMap((folder) =>
        [
          ['Google', 'Chrome', 'Application', 'chrome.exe'],
          ['Chromium', 'Application', 'chrome.exe'],
          ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
        ].map((parts) => join(folder, ...parts)),
      )
  return [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/snap/bin/chromium',
  ]
}

/** Electron, where it has been fetched and has a display; tests fetch nothing. */
export async function findElectron(): Promise<Program> {
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
