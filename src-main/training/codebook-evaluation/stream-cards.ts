import type { MetricCard } from '../../../src-shared/metric-card.ts'
import { type Dialogue, type DialogueSource, eachDialogue } from '../../data/dialogues.ts'
import { tokenStatistics } from '../../evaluation/token-statistics.ts'
import type { TextLayout } from '../../language/text-layout.ts'
import { metricCard } from './cards.ts'
import type { SetFacts } from './usage-cards.ts'

/**
 * Token ids of a run's texts one after the other, without what a template puts around them: the held-out ones, and training
 * ones where these are not enough.
 * @param most tokens that are wanted
 */
export async function textStream(
  { heldOut, training }: Pick<DialogueSource, 'heldOut' | 'training'>,
  { encode }: Pick<TextLayout, 'encode'>,
  most: number,
): Promise<number[]> {
  const tokens: number[] = []
  const take = (turns: Dialogue): void => {
    for (const { question, answer } of turns) tokens.push(...encode(`${question} ${answer}`))
  }
  for (const set of [heldOut, training])
    for await (const turns of eachDialogue(set)) {
      if (tokens.length >= most) return tokens.slice(0, most)
      take(turns)
    }
  return tokens.slice(0, most)
}

/**
 * Entropy and Zipf slope of streams of codes, and of text where there is some; all cut to the length of the shortest, for both
 * figures depend on it.
 * @param streams by name; text is named "text"
 */
export function streamCards(streams: Readonly<Record<string, ArrayLike<number>>>, set: SetFacts): MetricCard[] {
  const length = Math.min(...Object.values(streams).map((stream) => stream.length))
  return Object.entries(streams).flatMap(([name, stream]) => {
    const { tokens, types, entropy, evenness, zipfSlope } = tokenStatistics(
      Array.prototype.slice.call(stream, 0, length),
    )
    const facts = {
      ...set,
      reference:
        name === 'text' ? 'the run’s held-out texts, and training ones where these are not enough' : set.reference,
      count: tokens,
    }
    const told = `${types} different ones among the first ${tokens} tokens`
    return [
      metricCard({
        ...facts,
        metric: `Unigram entropy, ${name}`,
        value: entropy,
        unit: 'bits a token',
        definition: `−Σ p log₂ p of the frequencies; ${told}${evenness === null ? '' : `, ${(100 * evenness).toFixed(0)} % of what as many equally frequent ones would have`}. Compare streams of one length alone.`,
        source: 'Shannon 1948',
      }),
      ...(zipfSlope === null
        ? []
        : [
            metricCard({
              ...facts,
              metric: `Zipf slope, ${name}`,
              value: zipfSlope,
              unit: 'log frequency per log rank',
              definition: `−s of p(rank) ∝ rank^−s by maximum likelihood; ${told}. 0: all as frequent; words of a language lie near −1.`,
              source: 'Zipf 1949; Clauset, Shalizi & Newman 2009',
            }),
          ]),
    ]
  })
}
