import { tokenText } from '../../../pictures/use-sample.ts'

/** The contract takes so many codes of a filter. */
export const MOST_FOUND = 4096

/**
 * Codes that a search names: digits find the id, anything else tokens that hold the text, whatever its case. Spaces may
 * be typed as such or as they are shown (␣).
 * @returns ids ascending; null if nothing is searched for
 */
export function findCodes(
  text: string,
  tokens: readonly string[] | undefined,
  size: number,
): Int32Array<ArrayBuffer> | null {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return null
  const found: number[] = []
  const id = /^\d+$/.test(wanted) ? Number(wanted) : null
  const bare = wanted.replaceAll('␣', ' ')
  for (let code = 0; code < size; code++) {
    const token = tokens?.[code]
    const named =
      token !== undefined &&
      (token.toLowerCase().includes(bare) || tokenText(tokens, code).toLowerCase().includes(wanted))
    if (code === id || named) found.push(code)
  }
  return Int32Array.from(found)
}
