import { CommanderError } from 'commander'
import { ConfigError } from '../../src-shared/config-problems.ts'
import { ModelError } from '../jobs/speech/model-error.ts'

/** How a command ends. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const

/** Something the person typed, or wrote into a config, cannot be used. Exit code 2; nothing has been written. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** What is said about an error, and the exit code that goes with it. */
export interface ErrorReport {
  exitCode: number
  message: string
  /** What to do about it; '' if the message says it. */
  hint: string
  problems: { path: string; value?: unknown; message: string }[]
}

/** Turns whatever a command threw into words and an exit code. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof ConfigError)
    return {
      exitCode: exitCodes.usage,
      message: 'the config cannot be used',
      hint: '',
      problems: error.problems,
    }
  if (error instanceof CommanderError)
    return { ...plain(error.message.replace(/^error: /, '')), exitCode: error.exitCode === 0 ? 0 : exitCodes.usage }
  if (error instanceof UsageError) return { ...plain(error.message), exitCode: exitCodes.usage }
  if (error instanceof ModelError) {
    const isUsage = error.code === 'bad-request' || error.code === 'not-found'
    return { ...plain(error.message), exitCode: isUsage ? exitCodes.usage : exitCodes.failed, hint: error.hint }
  }
  if (isServiceError(error)) {
    const { hint = '', problems = [] } = error.data ?? {}
    const exitCode = error.code === 'BAD_REQUEST' || error.code === 'NOT_FOUND' ? exitCodes.usage : exitCodes.failed
    return { exitCode, message: error.message, hint, problems }
  }
  if (error instanceof Error) return plain(error.message)
  return plain(String(error))
}

/** The words of an error as the terminal shows them. */
export function errorText({ message, hint, problems }: ErrorReport): string {
  const lines = problems.map(({ path, value, message }) => `  ${path || '(config)'}${shown(value)}: ${message}`)
  return [`error: ${message}`, ...lines, ...(hint ? [hint] : [])].join('\n')
}

const plain = (message: string): ErrorReport => ({ exitCode: exitCodes.failed, message, hint: '', problems: [] })

/** A value in its place, unless it is too long to read. */
function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text === undefined || text.length > 60 ? '' : ` = ${text}`
}

interface ServiceError {
  code: string
  message: string
  data?: { hint?: string; problems?: { path: string; message: string }[] }
}

/** An error value of the contract, whichever copy of the oRPC class it is. */
const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && error.constructor.name === 'ORPCError' && 'code' in error && typeof error.code === 'string'
