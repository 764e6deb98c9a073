/**
 * Reads the one value that a bundled CommonJS module exports, `…exports={…}` or `…exports="…"`, without running it:
 * objects with bare or quoted names, arrays, strings, numbers, true, false, null, !0 and !1. Anything else is refused.
 * @param file for errors
 * @throws Error naming the file and the place
 */
export function readExportedLiteral(text: string, file: string): unknown {
  const start = /\.exports=(?=[{["'])/.exec(text)
  if (!start) throw new Error(`${file} exports no object, array or string that can be read`)
  return new LiteralReader(text, start.index + start[0].length, file).value(0)
}

const DEEPEST = 64
const NAME = /[\w$]+/y
const NUMBER = /-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/iy
const WORDS: readonly (readonly [string, unknown])[] = [
  ['!0', true],
  ['!1', false],
  ['true', true],
  ['false', false],
  ['null', null],
]
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', 0: '\0' }

class LiteralReader {
  readonly #text: string
  readonly #file: string
  #at: number

  constructor(text: string, at: number, file: string) {
    this.#text = text
    this.#at = at
    this.#file = file
  }

  value(depth: number): unknown {
    if (depth > DEEPEST) this.#refuse(`more than ${DEEPEST} levels`)
    this.#space()
    const here = this.#text[this.#at]
    if (here === '{') return this.#object(depth)
    if (here === '[') return this.#array(depth)
    if (here === '"' || here === "'") return this.#string(here)
    for (const [word, value] of WORDS) if (this.#take(word)) return value
    const number = this.#match(NUMBER)
    if (number === null) this.#refuse(`"${this.#text.slice(this.#at, this.#at + 20)}"`)
    return Number(number)
  }

  #object(depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = []
    this.#expect('{')
    this.#space()
    while (!this.#take('}')) {
      const quote = this.#text[this.#at]
      const name = quote === '"' || quote === "'" ? this.#string(quote) : this.#match(NAME)
      if (name === null) this.#refuse('no name of a property')
      this.#space()
      this.#expect(':')
      entries.push([name, this.value(depth + 1)])
      this.#separator('}')
    }
    return Object.fromEntries(entries)
  }

  #array(depth: number): unknown[] {
    const values: unknown[] = []
    this.#expect('[')
    this.#space()
    while (!this.#take(']')) {
      values.push(this.value(depth + 1))
      this.#separator(']')
    }
    return values
  }

  /** The next comma, or nothing before the end. */
  #separator(end: string): void {
    this.#space()
    if (this.#text[this.#at] !== end) this.#expect(',')
    this.#space()
  }

  #string(quote: string): string {
    this.#at++
    const parts: string[] = []
    for (;;) {
      const end = this.#text.indexOf(quote, this.#at)
      if (end < 0) this.#refuse('a string without an end')
      const backslash = this.#text.indexOf('\\', this.#at)
      if (backslash < 0 || backslash > end) {
        parts.push(this.#text.slice(this.#at, end))
        this.#at = end + 1
        return parts.join('')
      }
      parts.push(this.#text.slice(this.#at, backslash), this.#escaped(backslash + 1))
    }
  }

  #escaped(at: number): string {
    const letter = this.#text[at] as string
    const length = letter === 'u' ? 4 : letter === 'x' ? 2 : 0
    this.#at = at + 1 + length
    if (length === 0) return ESCAPES[letter] ?? letter
    const code = this.#text.slice(at + 1, at + 1 + length)
    if (!/^[\da-f]+$/i.test(code) || code.length < length) this.#refuse(`the escape "\\${letter}${code}"`)
    return String.fromCharCode(Number.parseInt(code, 16))
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
  }

  #take(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false
    this.#at += word.length
    return true
  }

  #expect(word: string): void {
    if (!this.#take(word)) this.#refuse(`"${this.#text[this.#at] ?? 'the end'}" where "${word}" belongs`)
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (!found) return null
    this.#at += found[0].length
    return found[0]
  }

  #refuse(what: string): never {
    throw new Error(`${this.#file} holds ${what} at character ${this.#at}: it is not the plain data that was expected`)
  }
}
