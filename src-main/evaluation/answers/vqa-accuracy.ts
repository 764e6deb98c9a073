import { onOneLine, remembering } from './normalise.ts'

/** How well an answer agrees with what people answered. */
export interface Agreement {
  /** The answer in the form that was compared. */
  read: string
  /** 0 to 1 */
  accuracy: number
}

/** Whom an answer is compared with. */
export type AgreementRule = (answer: string, humans: readonly string[]) => Agreement

/** Human answers that agree with one for it to be right altogether. */
const ENOUGH = 3

/**
 * Mean over the human answers of min(1, matches among the others / 3): with ten of them and k matches 0, 0.3, 0.6, 0.9, 1.
 * @param matches of `humans` answers that equal the one in question
 */
export function leaveOneOut(matches: number, humans: number): number {
  const share = (others: number) => Math.min(1, others / ENOUGH)
  return (matches * share(matches - 1) + (humans - matches) * share(matches)) / humans
}

const agreement = (read: string, humans: readonly string[]): Agreement => ({
  read,
  accuracy: leaveOneOut(humans.filter((human) => human === read).length, humans.length),
})

/** VQAv2: both sides are normalised, but only where people do not all give the same string ("Yes" is wrong to ten "yes"). */
export function vqaV2Agreement(): AgreementRule {
  const normalise = remembering('vqa')
  return (answer, humans) => {
    const given = humans.map(onOneLine)
    if (given.every((human) => human === given[0])) return agreement(onOneLine(answer), given)
    return agreement(normalise(answer), given.map(normalise))
  }
}

/** VizWiz: the answer alone is normalised. */
export function vizwizAgreement(): AgreementRule {
  const normalise = remembering('vizwiz')
  return (answer, humans) => agreement(normalise(answer), humans)
}

/** TextVQA: both sides go through the EvalAI processor. */
export function textVqaAgreement(): AgreementRule {
  const normalise = remembering('evalai')
  return (answer, humans) => agreement(normalise(answer), humans.map(normalise))
}
