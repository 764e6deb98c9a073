import type { TextLayout } from './text-layout.ts'

/** What stands for bytes that are no whole character. */
const REPLACEMENT = '\uFFFD'

/** The text of tokens that come one by one. A character of several tokens comes with the last of them. */
export class TextStream {
  readonly #layout: Pick<TextLayout, 'decode'>
  readonly #ids: number[] = []
  #given = ''

  constructor(layout: Pick<TextLayout, 'decode'>) {
    this.#layout = layout
  }

  /** @returns what the token adds to the text; '' if its last character is not whole yet */
  push(id: number): string {
    this.#ids.push(id)
    const text = this.#layout.decode(this.#ids)
    if (text.endsWith(REPLACEMENT)) return ''
    const fresh = text.slice(this.#given.length)
    this.#given = text
    return fresh
  }
}
