/** Letters that ScienceQA's options may have. */
export const OPTION_LETTERS = ['A', 'B', 'C', 'D', 'E'] as const

/**
 * The letter that LLaVA's ScienceQA scoring reads: the answer is a letter; or begins with one and ". "; or says "The answer
 * is X" once, with one more character behind, X any capital. Nothing is trimmed.
 * @returns null if it reads none, where the published code says FAILED
 */
export function readChoice(answer: string): string | null {
  const isOption = (text: string) => (OPTION_LETTERS as readonly string[]).includes(text)
  if (isOption(answer)) return answer
  if (isOption(answer.slice(0, 1)) && answer.slice(1, 3) === '. ') return answer.slice(0, 1)
  const said = [...answer.matchAll(/The answer is ([A-Z])[^\n]/gu)]
  return said.length === 1 ? (said[0]?.[1] as string) : null
}

/** Place of the letter among a question's own choices; −1 if there is none. */
export function choiceIndex(letter: string | null, choices: number): number {
  return OPTION_LETTERS.slice(0, choices).indexOf(letter as (typeof OPTION_LETTERS)[number])
}
