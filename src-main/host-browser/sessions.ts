import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Who may use the browser host: one-time tokens, each exchanged once for a session that lives as long as the host. */
export interface Sessions {
  /** A new token; any earlier one that has not been used stops working. */
  freshToken(): string
  /** A new session id for the current token, or null. A token works once. */
  exchange(token: string): string | null
  /** True if a Cookie header holds a living session. */
  admits(cookieHeader: string | undefined): boolean
  /** Set-Cookie value for a session id. */
  cookie(session: string): string
}

const mostSessions = 64

/** @param port cookies are shared by all ports of a host, so the cookie's name carries it */
export function createSessions(port: number): Sessions {
  const name = `unicode-workbench-${port}`
  const sessions = new Set<string>()
  let token: string | null = null

  return {
    freshToken() {
      token = secret()
      return token
    },
    exchange(offered) {
      if (token === null || !equal(offered, token)) return null
      token = null
      const session = secret()
      sessions.add(session)
      const oldest = sessions.values().next().value
      if (sessions.size > mostSessions && oldest !== undefined) sessions.delete(oldest)
      return session
    },
    admits(cookieHeader) {
      const offered = cookieValue(cookieHeader ?? '', name)
      return offered !== null && [...sessions].some((session) => equal(offered, session))
    },
    cookie: (session) => `${name}=${session}; Path=/; HttpOnly; SameSite=Strict`,
  }
}

const secret = () => randomBytes(32).toString('base64url')

/** Compares in a time that tells nothing about the secret. */
function equal(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}

function cookieValue(header: string, name: string): string | null {
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return null
}
