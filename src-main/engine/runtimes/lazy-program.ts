import type { HostTensor, Program } from './runtime.ts'

/** A program that is made when it is first wanted, and may be given back and made anew. */
export interface LazyProgram extends Program {
  /** Makes it now; nothing if it is there. */
  prepare(): Promise<void>
}

/** @param make traces, compiles and loads the program */
export function lazyProgram(make: () => Promise<Program>): LazyProgram {
  let made: Promise<Program> | null = null
  const program = (): Promise<Program> => {
    made ??= make()
    return made
  }
  return {
    prepare: async () => void (await program()),
    run: async (inputs: Record<string, HostTensor>) => (await program()).run(inputs),
    async dispose() {
      const gone = made
      made = null
      await (await gone)?.dispose()
    },
  }
}
