import type { AnswerWarning } from '../../../src-shared/answer-results.ts'

/** Those that are named; of all others only the number is. */
const NAMED = 5

/** Things that are not as they should be: all counted, the first ones by name. */
export class Offenders {
  count = 0
  readonly first: string[] = []

  add(name: string): void {
    this.count++
    if (this.first.length < NAMED) this.first.push(name)
  }
  /** "a, b, c and 12 more" */
  toString(): string {
    const rest = this.count - this.first.length
    return `${this.first.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  }
  /** @param message a sentence about them @returns none if there are none */
  warnings(message: string): AnswerWarning[] {
    return this.count === 0 ? [] : [{ message, count: this.count, first: [...this.first] }]
  }
}
