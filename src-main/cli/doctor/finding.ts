/** One thing that the app needs, or would like to have, on this machine. */
export interface Finding {
  name: string
  ok: boolean
  /** What was found, or what is wrong. */
  detail: string
  /** What to do about it; '' if it is in order. */
  remedy: string
  /** Whether training needs it; the rest is for the window, for speed and for the tests. */
  needed: boolean
}

export interface Check {
  name: string
  needed: boolean
  remedy: string
  /** Says what was found. @throws Error with what is wrong */
  look(): Promise<string> | string
}

/** Never throws. */
export async function carryOut({ name, needed, remedy, look }: Check): Promise<Finding> {
  try {
    return { name, needed, ok: true, detail: await look(), remedy: '' }
  } catch (error) {
    const detail = (error as Error).message.split('\n', 1)[0] as string
    return { name, needed, ok: false, detail, remedy }
  }
}

export function fail(message: string): never {
  throw new Error(message)
}

export const orThrow = (holds: boolean, message: string): string => (holds ? message : fail(message))
