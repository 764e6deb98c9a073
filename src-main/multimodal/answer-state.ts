import { type CellRange, type CodeTokens, placeOfCode } from './picture-layout.ts'
import type { Position } from './positions.ts'

/** What an answer may be made of. */
export interface AnswerRules {
  tokens: CodeTokens
  /** Codes of one cell. */
  slots: number
  /** Tokens that a picture begins with; null for a model that paints none. */
  marker: readonly number[] | null
  /** Tokens that end an answer. */
  closing: ReadonlySet<number>
}

/** What a token turned out to be. */
export type AnswerPart =
  | { kind: 'word'; token: number }
  | { kind: 'picture' }
  /** `at` counts the picture's codes, in token order. */
  | { kind: 'code'; code: number; at: number }
  | { kind: 'picture-end'; codes: Int32Array }
  | { kind: 'closed' }

/**
 * Where an answer stands, token by token: in its text, or within a picture, which begins with the marker and then takes
 * codes alone, each of its slot's layer, until it is whole. Words that may be a marker's beginning are held back.
 */
export class AnswerState {
  readonly #rules: AnswerRules
  readonly #cells: CellRange
  #pending: number[] = []
  #codes: number[] | null = null

  /** @param cells that a picture of this answer is of */
  constructor(rules: AnswerRules, cells: CellRange) {
    this.#rules = rules
    this.#cells = cells
  }

  /** Codes of a picture of this answer. */
  get picture(): number {
    return (this.#cells.to - this.#cells.from) * this.#rules.slots
  }

  /** The codes so far of the picture that the answer is within; null in its text. */
  get codes(): readonly number[] | null {
    return this.#codes
  }
  /** Tokens that the picture still takes; 0 in text. */
  get missing(): number {
    return this.#codes ? this.picture - this.#codes.length : 0
  }
  /** Tokens that may come next within a picture; null in text. */
  allowed(): Int32Array | null {
    return this.#codes ? this.#rules.tokens.allowed(this.#codes.length % this.#rules.slots) : null
  }

  /** @returns how the token is read, and what it was @throws RangeError for one that a picture does not take there */
  take(token: number): { position: Position; parts: AnswerPart[] } {
    if (this.#codes) return this.#takeCode(token, this.#codes)
    const position: Position = { kind: 'text', token }
    if (this.#rules.closing.has(token)) return { position, parts: [...this.held(), { kind: 'closed' }] }
    return { position, parts: this.#takeWord(token) }
  }

  /** The words that were held back, which are no marker after all. */
  held(): AnswerPart[] {
    return this.#pending.splice(0).map((token) => ({ kind: 'word', token }))
  }

  #takeWord(token: number): AnswerPart[] {
    const { marker } = this.#rules
    if (!marker) return [{ kind: 'word', token }]
    this.#pending.push(token)
    const parts: AnswerPart[] = []
    while (this.#pending.some((held, at) => held !== marker[at]))
      parts.push({ kind: 'word', token: this.#pending.shift() as number })
    if (this.#pending.length < marker.length) return parts
    this.#pending = []
    this.#codes = []
    return [...parts, { kind: 'picture' }]
  }

  #takeCode(token: number, codes: number[]): { position: Position; parts: AnswerPart[] } {
    const { tokens, slots } = this.#rules
    if (!tokens.allowed(codes.length % slots).includes(token))
      throw new RangeError(`token ${token} is no code that place ${codes.length} of a picture can hold`)
    const [code, at] = [tokens.codeOf(token), codes.length]
    const parts: AnswerPart[] = [{ kind: 'code', code, at }]
    codes.push(code)
    if (codes.length === this.picture) {
      parts.push({ kind: 'picture-end', codes: Int32Array.from(codes) })
      this.#codes = null
    }
    const place = placeOfCode(this.#cells.from * slots + at, slots)
    return { position: { kind: 'code', code, ...place }, parts }
  }
}
