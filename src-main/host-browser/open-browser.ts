import { spawn } from 'node:child_process'

/** The command that opens an address in the user's default browser, or null where there is no desktop to open it on. */
export function openCommand(
  address: string,
  platform: NodeJS.Platform,
  environment: NodeJS.ProcessEnv,
): { file: string; args: string[] } | null {
  if (platform === 'darwin') return { file: 'open', args: [address] }
  // "start" is a word of cmd.exe; rundll32 opens an address without a shell that would read its "&".
  if (platform === 'win32') return { file: 'rundll32', args: ['url.dll,FileProtocolHandler', address] }
  // Without a display xdg-open would start a text browser in this terminal.
  if (!environment.DISPLAY && !environment.WAYLAND_DISPLAY) return null
  return { file: 'xdg-open', args: [address] }
}

/** Opens an address in the default browser. Resolves to false, never throws, where there is none. */
export function openBrowser(address: string): Promise<boolean> {
  const command = openCommand(address, process.platform, process.env)
  if (command === null) return Promise.resolve(false)
  return new Promise((resolve) => {
    const opener = spawn(command.file, command.args, { stdio: 'ignore', detached: true })
    opener.once('error', () => resolve(false))
    opener.once('spawn', () => {
      opener.unref()
      resolve(true)
    })
  })
}
