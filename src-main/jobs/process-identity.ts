import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { z } from 'zod'

/** Names one process for good: a pid alone may be given to another process after the first one's death. */
export const processIdentitySchema = z.object({
  pid: z.int(),
  /** When it started, in whatever words the system uses. */
  started: z.string(),
  host: z.string(),
})
export type ProcessIdentity = z.infer<typeof processIdentitySchema>

export function processIdentity(pid = process.pid): ProcessIdentity {
  return { pid, started: startOf(pid) ?? '', host: hostname() }
}

/**
 * Whether that very process still lives. A process on another machine counts as alive, because it cannot be asked.
 */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.host !== hostname()) return true
  const started = startOf(identity.pid)
  return started !== null && started === identity.started
}

/** Start of a process as the system tells it, or null if there is none (a zombie is none). */
function startOf(pid: number): string | null {
  try {
    if (process.platform === 'linux') return startOnLinux(pid)
    if (process.platform === 'win32')
      return ask('powershell', ['-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`])
    return ask('ps', ['-o', 'lstart=', '-p', String(pid)])
  } catch {
    // No such process: each of the three ways answers so by failing.
    return null
  }
}

function startOnLinux(pid: number): string | null {
  // proc(5): the name in parentheses may hold spaces; state is field 3, start time in ticks since boot field 22.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return null
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return `${boot} ${fields[19]}`
}

const ask = (command: string, args: string[]): string | null =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 5000 }).trim() || null
