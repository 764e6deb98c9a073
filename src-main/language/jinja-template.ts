import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja'

/** Templates of published models have up to some tens of kB. */
const LONGEST = 1 << 20
/** No template counts further than this; a file from elsewhere must not fill the memory. */
const MOST_COUNTED = 10_000

/**
 * A Jinja template that gives the same text for the same values on any day: it is not told the date (templates that ask
 * whether `strftime_now` is defined have a fixed one), since a resumed run is to read what the first one did.
 * @returns what renders it @throws Error if it cannot be parsed
 */
export function openJinjaTemplate(source: string): (values: Readonly<Record<string, unknown>>) => string {
  if (source.length > LONGEST) throw new Error(`it has ${source.length} characters, more than any such template`)
  const program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }))
  return (values) => {
    const environment = new Environment()
    for (const [name, value] of Object.entries({ ...constants, ...values })) environment.set(name, value)
    return String(new Interpreter(environment).run(program).value)
  }
}

const constants: Readonly<Record<string, unknown>> = {
  ...{ true: true, false: false, none: null, True: true, False: false, None: null },
  raise_exception: (message: string) => {
    throw new Error(message)
  },
  range,
}

function range(start: number, stop?: number, step = 1): number[] {
  const [from, to] = stop === undefined ? [0, start] : [start, stop]
  const count = Math.max(0, Math.ceil((to - from) / step))
  if (!(count <= MOST_COUNTED)) throw new Error(`it counts to ${count}`)
  return Array.from({ length: count }, (_, at) => from + at * step)
}
