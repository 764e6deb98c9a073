import type { BatchSize } from './programs.ts'

/** Programs by the size of their batches, each made when it is first wanted; of too many the one longest unused goes. */
export class ProgramShelf<Kind extends { dispose(): Promise<void> }> {
  readonly #make: (size: BatchSize) => Promise<Kind>
  readonly #most: number
  /** In order of their last use. */
  readonly #programs = new Map<string, Kind>()

  constructor(make: (size: BatchSize) => Promise<Kind>, most: number) {
    this.#make = make
    this.#most = most
  }

  async get(size: BatchSize): Promise<Kind> {
    const key = `${size.batch}:${size.length}:${size.rows}`
    const known = this.#programs.get(key)
    if (known) {
      this.#programs.delete(key)
      this.#programs.set(key, known)
      return known
    }
    for (const [oldest, program] of this.#programs) {
      if (this.#programs.size < this.#most) break
      this.#programs.delete(oldest)
      await program.dispose()
    }
    const made = await this.#make(size)
    this.#programs.set(key, made)
    return made
  }

  async dispose(): Promise<void> {
    const programs = [...this.#programs.values()]
    this.#programs.clear()
    for (const program of programs) await program.dispose()
  }
}
