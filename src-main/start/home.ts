import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * The folder that holds everything of one user: `--home`, else UNICODE_WORKBENCH_HOME, else the user's data folder.
 * The folder need not exist. Absolute.
 */
export function homeFolder(
  option: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const chosen = option || environment.UNICODE_WORKBENCH_HOME
  if (chosen) return resolve(chosen)
  return join(dataFolder(environment, platform), platform === 'linux' ? 'unicode-workbench' : 'UniCode Workbench')
}

function dataFolder(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'win32') return environment.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support')
  return environment.XDG_DATA_HOME || join(homedir(), '.local', 'share')
}
