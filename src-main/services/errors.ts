import { ORPCError } from '@orpc/server'
import { ConfigError } from '../../src-shared/config-problems.ts'

/** The contract's errors as values to throw: a code, a sentence for people, a hint. */
export const notFound = (message: string, hint: string) => new ORPCError('NOT_FOUND', { message, data: { hint } })

export const conflict = (message: string, hint: string) => new ORPCError('CONFLICT', { message, data: { hint } })

export const unreadable = (message: string, hint: string) =>
  new ORPCError('UNREADABLE', { status: 422, message, data: { hint } })

export const badRequest = (message: string, hint: string, problems: { path: string; message: string }[] = []) =>
  new ORPCError('BAD_REQUEST', { message, data: { hint, problems } })

/** Runs something that parses configs; what is wrong with them becomes BAD_REQUEST with every problem's path. */
export function withConfigProblems<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const problems = error.problems.map(({ path, message }) => ({ path, message }))
    throw badRequest(error.message, 'Correct the settings named here and try again.', problems)
  }
}
