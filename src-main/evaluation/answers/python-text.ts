/**
 * Texts as Python takes them apart, in which the published scoring is written. JavaScript's \s and \d differ: Python's white
 * space has U+0085 and U+001C to U+001F but not U+FEFF, and its digits are those of every script.
 */
const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'

const spaces = new RegExp(`[${SPACE}]+`)
const space = new RegExp(`[${SPACE}]`)

/** A class of white space, for regular expressions. */
export const PYTHON_SPACE = `[${SPACE}]`

/** str.strip(), in time that grows with the blanks at the ends alone. */
export function strip(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && space.test(text[from] as string)) from++
  while (to > from && space.test(text[to - 1] as string)) to--
  return text.slice(from, to)
}

/** str.split() */
export const words = (text: string): string[] => text.split(spaces).filter((word) => word !== '')

/** len(str), in code points. */
export function length(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

/** A number with two decimals as Python's round and format give them: a tie goes to the even digit. */
export function twoDecimals(value: number): string {
  const hundredths = value * 100
  // Only eighths are ties that a binary number can be; of all others toFixed knows the nearer side.
  const isTie = Number.isInteger(value * 8) && !Number.isInteger(hundredths) && Number.isInteger(hundredths * 2)
  if (!isTie) return value.toFixed(2)
  const below = Math.floor(hundredths)
  return ((below % 2 === 0 ? below : below + 1) / 100).toFixed(2)
}
