import type { Readable, Writable } from 'node:stream'

/** Where a command reads and writes: its result to standard output, everything else to standard error. */
export interface Terminal {
  stdin: Readable
  stdout: Writable
  stderr: Writable
  /** Width of standard error if it is a terminal, where a progress bar may redraw its line; else null. */
  columns(): number | null
}

export const processTerminal: Terminal = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  columns: () => (process.stderr.isTTY ? process.stderr.columns || 80 : null),
}

/** One line on standard error. */
export const note = (terminal: Terminal, line: string): void => void terminal.stderr.write(`${line}\n`)

/** The one result of a command: a JSON document under --json, text for people otherwise. */
export function result(terminal: Terminal, json: boolean | undefined, document: unknown, text: string): void {
  terminal.stdout.write(`${json ? JSON.stringify(document, null, 2) : text}\n`)
}
