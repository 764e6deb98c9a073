import { parseArgs } from 'node:util'

export interface BrowserHostOptions {
  home: string | undefined
  /** undefined: the usual port, or any free one if it is taken. */
  port: number | undefined
  /** Open the default browser. */
  open: boolean
}

/** @throws Error naming the option and its value */
export function browserHostOptions(args: string[]): BrowserHostOptions {
  const { values } = parseArgs({
    args,
    options: { home: { type: 'string' }, port: { type: 'string' }, open: { type: 'boolean', default: false } },
  })
  return { home: values.home, port: values.port === undefined ? undefined : portNumber(values.port), open: values.open }
}

/** @throws Error if it is no port; 0 means any free one */
export function portNumber(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new Error(`--port ${text}: must be a whole number from 0 to 65535`)
  return port
}
