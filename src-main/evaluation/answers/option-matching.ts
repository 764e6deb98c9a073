import { length, PYTHON_SPACE, words } from './python-text.ts'

/** Stands for a refusal: an answer, but none of the options. */
export const NO_OPTION = 'Z'

const REFUSALS = [
  "Sorry, I can't help with images of people yet.",
  "I can't process this file.",
  "I'm sorry, but without the image provided",
  'Cannot determine the answer',
]
/** What VLMEvalKit writes where a model's service failed; no letter is looked for in it. */
const SERVICE_FAILED = 'Failed to obtain answer via API'
const SEPARATORS = /[.()[\],:;!*#{}]/g
/** There is no word boundary behind the letter in the published pattern: "the answer is big" is B. */
const ANSWER_IS = new RegExp(`answer${PYTHON_SPACE}+is${PYTHON_SPACE}+\\**([ABCD])`, 'i')
/** A letter counts among so many last words. */
const LAST_WORDS = 4

/**
 * Which option an answer means, by VLMEvalKit's exact matching as of June 2026: a letter on its own, then "answer is X", then
 * the one option whose text it says.
 * @param options texts by letter
 * @returns null if none or several match
 */
export function matchOption(answer: string, options: Readonly<Record<string, string>>): string | null {
  return (answer.includes(SERVICE_FAILED) ? null : byLetter(answer, options)) ?? byText(answer, options)
}

function byLetter(answer: string, options: Readonly<Record<string, string>>): string | null {
  if (REFUSALS.some((refusal) => answer.includes(refusal))) return NO_OPTION
  const said = words(answer.replaceAll(SEPARATORS, ' '))
  const letters = Object.keys(options).filter((letter) => said.includes(letter))
  const [letter] = letters
  if (letters.length === 1 && said.indexOf(letter as string) >= said.length - LAST_WORDS) return letter as string
  if (letters.length === 0 && said.includes(NO_OPTION)) return NO_OPTION
  const named = ANSWER_IS.exec(answer)?.[1]?.toUpperCase()
  return named !== undefined && named in options ? named : null
}

function byText(answer: string, options: Readonly<Record<string, string>>): string | null {
  const said = answer.toLowerCase()
  const texts = Object.values(options)
  if (length(said) > 2 * texts.reduce((sum, text) => sum + length(text), 0)) return null
  const found = Object.keys(options).filter((letter) => said.includes((options[letter] as string).toLowerCase()))
  return found.length === 1 ? (found[0] as string) : null
}
