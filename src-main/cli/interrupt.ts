import { PROGRAM } from './command.ts'
import { exitCodes } from './errors.ts'
import { note, type Terminal } from './terminal.ts'

/** Whether the person has asked this program to end. */
export interface Interrupt {
  asked(): boolean
  /** Ends the listening; signals do again what they always do. */
  release(): void
}

/**
 * Listens for Ctrl-C (and SIGTERM, SIGHUP). The first asks for an orderly end; a second one ends the program at once: its
 * training processes notice that and pause by themselves.
 * @param words that answer the first
 */
export function listenForInterrupt(
  terminal: Terminal,
  words = 'Pausing what runs, with a checkpoint. Ctrl-C again ends at once.',
  onAsked: () => void = () => {},
): Interrupt {
  let asked = false
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const onSignal = () => {
    if (asked) process.exit(exitCodes.interrupted)
    asked = true
    note(terminal, `\n${words}`)
    onAsked()
  }
  for (const signal of signals) process.on(signal, onSignal)
  return {
    asked: () => asked,
    release() {
      for (const signal of signals) process.off(signal, onSignal)
    },
  }
}

export const resumeAdvice = (ids: readonly string[]): string => `Resume with: ${PROGRAM} runs resume ${ids.join(' ')}`
