import type { BenchmarkQuestion } from '../benchmark.ts'
import { BenchmarkError } from '../benchmark-error.ts'
import { Offenders } from '../offenders.ts'

/** Things by id, as a file gives them; ids that come twice are an error in the end. */
export class Collected<T> {
  readonly byId = new Map<string, T>()
  readonly #path: string
  readonly #what: string
  readonly #twice = new Offenders()

  /** @param what of them there are, for messages: "questions" */
  constructor(path: string, what: string) {
    this.#path = path
    this.#what = what
  }
  add(id: string, value: T): void {
    if (this.byId.has(id)) this.#twice.add(id)
    else this.byId.set(id, value)
  }
  /** @throws BenchmarkError naming the ids that came twice */
  checked(): ReadonlyMap<string, T> {
    if (this.#twice.count > 0)
      throw new BenchmarkError(
        `"${this.#path}" has ${this.#what} whose id has been there before: ${this.#twice}; each may come once`,
      )
    return this.byId
  }
}

/** Equal texts as one string: answers are given over and over. */
export function sharing(): (text: string) => string {
  const known = new Map<string, string>()
  return (text) => {
    const before = known.get(text)
    if (before === undefined) known.set(text, text)
    return before ?? text
  }
}

/** A question with what it has of its own; what is not given is empty. */
export const question = (
  given: Pick<BenchmarkQuestion, 'id' | 'key' | 'question' | 'truth' | 'image'> & Partial<BenchmarkQuestion>,
): BenchmarkQuestion => ({ context: '', options: [], groups: {}, ...given })
