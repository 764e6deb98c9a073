import { contractions, vizwizContractions } from './contractions.ts'
import { strip, words } from './python-text.ts'

/**
 * The published normalisations of answers, by name.
 * evalai: of LLaVA's m4c_evaluator and mmf; TextVQA is scored by it, and LLaVA hands in answers to VQAv2 and VizWiz after it.
 * vqa: of the VQA tools, inside the VQAv2 accuracy. vizwiz: of the VizWiz tools, inside the VizWiz accuracy.
 */
export const normalisers = {
  evalai: (text: string): string => {
    const spelt = text.toLowerCase().replaceAll(/[,?]/g, '').replaceAll("'s", " 's")
    return withoutSmallWords(withoutPunctuation(onOneLine(strip(spelt))), contractions)
  },
  vqa: (text: string): string => withoutSmallWords(withoutPunctuation(onOneLine(text)), contractions),
  vizwiz: (text: string): string => withoutSmallWords(withoutPunctuation(onOneLine(text)), vizwizContractions),
} as const
export type NormaliserName = keyof typeof normalisers

/** Without line breaks, tabs and blanks at its ends: what the VQA tools do to every answer. */
export const onOneLine = (text: string): string => strip(BREAK.test(text) ? text.replaceAll(BREAKS, ' ') : text)

const BREAK = /[\n\t]/
const BREAKS = /[\n\t]/g
const MARKS = /[;/[\]"{}()=+\\_\-><@`,?!]/g
const PERIOD = /\.(?!\p{Nd})/gu
const DIGIT_COMMA = /\p{Nd},\p{Nd}/u
/** The published call gives a flag where a count belongs: re.UNICODE is 32. */
const MOST_PERIODS = 32

/**
 * Deletes a mark everywhere if the text has it next to a space anywhere, or if a comma stands between digits anywhere; else
 * the mark becomes a space. Of periods those go that no digit follows: a typo in the published look-behind lets one before
 * count for nothing.
 */
function withoutPunctuation(text: string): string {
  const isDeleted = new Map<string, boolean>()
  const deletesAll = DIGIT_COMMA.test(text)
  const deletes = (mark: string): boolean => {
    const known = isDeleted.get(mark)
    if (known !== undefined) return known
    const found = deletesAll || text.includes(`${mark} `) || text.includes(` ${mark}`)
    isDeleted.set(mark, found)
    return found
  }
  let periods = 0
  return text
    .replaceAll(MARKS, (mark) => (deletes(mark) ? '' : ' '))
    .replaceAll(PERIOD, (period) => (periods++ < MOST_PERIODS ? '' : period))
}

const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
const numbers: ReadonlyMap<string, string> = new Map([
  ['none', '0'],
  ...NUMBERS.map((word, value): [string, string] => [word, String(value)]),
])
const ARTICLES = ['a', 'an', 'the']

/** Number words become digits, articles go, and contractions get their apostrophes. */
function withoutSmallWords(text: string, table: ReadonlyMap<string, string>): string {
  return words(text.toLowerCase())
    .map((word) => numbers.get(word) ?? word)
    .filter((word) => !ARTICLES.includes(word))
    .map((word) => table.get(word) ?? word)
    .join(' ')
}

/** Answers that are remembered; people give the same ones over and over. */
const REMEMBERED = 200_000
const LONGEST_REMEMBERED = 64

/** The normaliser, which does not work out short texts twice. */
export function remembering(name: NormaliserName): (text: string) => string {
  const normalise = normalisers[name]
  const known = new Map<string, string>()
  return (text) => {
    if (text.length > LONGEST_REMEMBERED) return normalise(text)
    const before = known.get(text)
    if (before !== undefined) return before
    const normalised = normalise(text)
    if (known.size < REMEMBERED) known.set(text, normalised)
    return normalised
  }
}
