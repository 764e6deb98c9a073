import type { RunEvent } from '../../../src-shared/events.ts'

export const logLevels = ['info', 'warning', 'error'] as const
export type LogLevel = (typeof logLevels)[number]
export type LogEvent = Extract<
  RunEvent,
  { kind: 'log' | 'started' | 'ended' | 'alarm' | 'sync' | 'checkpoint' | 'discriminator-off' }
>

/** One line of a run's log. */
export interface LogLine {
  seq: number
  time: number
  level: LogLevel
  kind: LogEvent['kind']
  /** null where the event belongs to no step */
  step: number | null
  text: string
}

/** A message as a sentence, so that another can stand beside it; a setting's name at its start stays as it is. */
export function sentence(text: string): string {
  const [first = ''] = text.split(' ', 1)
  const start = first.includes('.') ? text : text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?…]$/.test(start) ? start : `${start}.`
}

/** An event as a line for people. */
export function logLine(event: LogEvent): LogLine {
  const base = { seq: event.seq, time: event.time, kind: event.kind }
  switch (event.kind) {
    case 'log':
      return { ...base, level: event.level, step: null, text: event.message }
    case 'started':
      return {
        ...base,
        level: 'info',
        step: event.step,
        text: `${event.attempt === 1 ? 'Started' : `Resumed, attempt ${event.attempt}`} with ${event.threads} ${event.threads === 1 ? 'thread' : 'threads'}, process ${event.pid}`,
      }
    case 'ended':
      return {
        ...base,
        level: event.state === 'failed' ? 'error' : 'info',
        step: event.step,
        text: event.reason ? `Ended: ${event.state}. ${event.reason}` : `Ended: ${event.state}`,
      }
    case 'alarm':
      return {
        ...base,
        level: 'warning',
        step: event.step,
        text: `${event.name}: ${sentence(event.message)} ${sentence(event.remedy)}`,
      }
    case 'sync': {
      const change = (name: 'cosine' | 'distance') =>
        `${name} ${event.before[name].toFixed(3)} → ${event.after[name].toFixed(3)}`
      return {
        ...base,
        level: 'info',
        step: event.step,
        text: `Sync (Eq. 3): ${change('cosine')}, ${change('distance')}`,
      }
    }
    case 'discriminator-off':
      return { ...base, level: 'info', step: event.step, text: 'Discriminator switched off on request' }
    case 'checkpoint':
      return { ...base, level: 'info', step: event.step, text: `Checkpoint ${event.file}` }
  }
}

/** Lines at or above a level that contain a text, whatever its case. */
export const filterLines = (lines: readonly LogLine[], least: LogLevel, search: string): LogLine[] =>
  lines.filter(
    (line) =>
      logLevels.indexOf(line.level) >= logLevels.indexOf(least) &&
      line.text.toLowerCase().includes(search.toLowerCase()),
  )
