import { installedElectron } from '../../start/electron-binary.ts'
import { findChromium } from '../../start/find-chromium.ts'
import { type Check, fail } from './finding.ts'

/** Programs that show the window. @param root folder of the package.json */
export const programChecks = (root: string): Check[] => [
  {
    name: 'Electron',
    needed: false,
    remedy: 'Run "npx install-electron", or use the browser window: npm start -- --browser.',
    look: () => installedElectron(root) ?? fail('its program has not been fetched'),
  },
  {
    name: 'Chromium',
    needed: false,
    remedy: 'Install it (Debian: apt-get install chromium) or set CHROMIUM_PATH; only the end-to-end tests need it.',
    look: () =>
      findChromium() ??
      fail(process.env.CHROMIUM_PATH ? `CHROMIUM_PATH=${process.env.CHROMIUM_PATH} cannot be run` : 'not found'),
  },
]
