import type { CodeNames } from '../../../pictures/code-names.ts'

/** The contract takes so many codes of a filter. */
export const MOST_FOUND = 4096

/**
 * Codes that a search names: digits find the number, anything else tokens that hold the text, whatever its case. Spaces may
 * be typed as such or as they are shown (␣).
 * @returns rows ascending; null if nothing is searched for
 */
export function findCodes(text: string, names: CodeNames, size: number): Int32Array<ArrayBuffer> | null {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return null
  const found: number[] = []
  const row = /^\d+$/.test(wanted) ? names.row(Number(wanted)) : null
  const bare = wanted.replaceAll('␣', ' ')
  for (let code = 0; code < size; code++) {
    const token = names.token(code)
    const named =
      token !== undefined && (token.toLowerCase().includes(bare) || names.text(code).toLowerCase().includes(wanted))
    if (code === row || named) found.push(code)
  }
  return Int32Array.from(found)
}
