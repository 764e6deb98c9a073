import type { CodeNames } from '../../../pictures/code-names.ts'
import { findCodes } from '../codebook/find-codes.ts'

/**
 * The one code that a text names: its number, its whole token, or else the first one whose token holds the text.
 * @returns its number, by which the services of the second stage know it; null if there is none
 */
export function namedCode(text: string, names: CodeNames, size: number): number | null {
  const wanted = text.trim()
  if (/^\d+$/.test(wanted)) return names.row(Number(wanted)) === null ? null : Number(wanted)
  const found = [...(findCodes(wanted, names, size) ?? [])]
  const row = found.find((one) => names.token(one) === wanted || names.text(one) === wanted) ?? found[0]
  return row === undefined ? null : names.number(row)
}
