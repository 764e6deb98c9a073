/** What decides between the desktop window and the browser. */
export interface Surroundings {
  platform: NodeJS.Platform
  environment: NodeJS.ProcessEnv
  /** User id; undefined on Windows. */
  userId: number | undefined
  /** Path of Electron's program, fetched if need be. Throws an Error with one sentence if it cannot be had. */
  electron: () => Promise<string>
}

export type Host = { kind: 'electron'; program: string } | { kind: 'browser'; because: string | null }

/**
 * Electron where it can run, otherwise the browser host with the reason in one sentence (null if it was asked for).
 * @throws Error with the reason if Electron was asked for and cannot run
 */
export async function chooseHost(asked: 'electron' | 'browser' | null, around: Surroundings): Promise<Host> {
  if (asked === 'browser') return { kind: 'browser', because: null }
  try {
    const obstacle = obstacleToElectron(around)
    if (obstacle) throw new Error(obstacle)
    return { kind: 'electron', program: await around.electron() }
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    if (asked === 'electron') throw new Error(`--electron: ${because}`, { cause: error })
    return { kind: 'browser', because }
  }
}

/** Cheap to see, so seen before anything is fetched. */
function obstacleToElectron({ platform, environment, userId }: Surroundings): string | null {
  if (platform !== 'linux') return null
  if (!environment.DISPLAY && !environment.WAYLAND_DISPLAY)
    return 'there is no display (DISPLAY and WAYLAND_DISPLAY are not set)'
  if (userId === 0) return 'Electron keeps its sandbox, which root cannot have'
  return null
}
