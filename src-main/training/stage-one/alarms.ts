/** Signs of collapse, each raised once a run: what is seen, and the setting to try. */
export interface Alarm {
  name: string
  message: string
  remedy: string
}

export interface Signs {
  metrics: Readonly<Record<string, number>>
  /** Held-out text perplexity before the first tokenizer step. */
  firstPerplexity: number | null
  /** Mean norm of the language model's rows; null without one. */
  languageNorm: number | null
  layers: number
}

const LANGUAGE_FACTOR = 1.25
const FEW_CODES = 4
const NORM_FACTOR = 10

const show = (value: number): string => value.toPrecision(3)

/** Alarms that the numbers of one evaluation call for. */
export function alarmsOf({ metrics, firstPerplexity, languageNorm, layers }: Signs): Alarm[] {
  const alarms: Alarm[] = []
  const perplexity = metrics['language.perplexity']
  if (perplexity !== undefined && firstPerplexity !== null && perplexity > LANGUAGE_FACTOR * firstPerplexity)
    alarms.push({
      name: 'language collapse',
      message: `held-out text perplexity rose from ${show(firstPerplexity)} to ${show(perplexity)}: the tokenizer's updates damage the language model`,
      remedy:
        'use codebook.paradigm "iterative", which never writes to the language model, or raise codebook.emaLambda',
    })
  for (let layer = 0; layer < layers; layer++) {
    const set = metrics[`perplexity.set.${layer}`]
    if (set !== undefined && set < FEW_CODES)
      alarms.push({
        name: `codebook collapse in layer ${layer}`,
        message: `code perplexity in layer ${layer} is ${show(set)}: nearly all positions share fewer than ${FEW_CODES} codes`,
        remedy: 'raise codebook.restart, lower codebook.emaLambda, or lower optimizer.learningRate',
      })
  }
  const norm = metrics['codebook.norm']
  if (norm !== undefined && languageNorm !== null && norm > NORM_FACTOR * languageNorm)
    alarms.push({
      name: 'exploding norms',
      message: `codes have a mean norm of ${show(norm)}, more than ${NORM_FACTOR} times the language model's ${show(languageNorm)}`,
      remedy: 'raise losses.commitment, or sync more often (codebook.interval)',
    })
  return alarms
}
